declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, <8 x i1>, <8 x float>)

define  void @tilewise_kernel(ptr noalias %args) #0 {
entry:
  %v1 = getelementptr inbounds i8, ptr %args, i64 8
  %v2 = load i64, ptr %v1, align 8
  %v3 = getelementptr inbounds i8, ptr %args, i64 16
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i8, ptr %args, i64 24
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i8, ptr %args, i64 32
  %v8 = load i64, ptr %v7, align 8
  %v9 = getelementptr inbounds i8, ptr %args, i64 40
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i8, ptr %args, i64 48
  %v12 = load i64, ptr %v11, align 8
  %v13 = getelementptr inbounds i8, ptr %args, i64 56
  %v14 = load i64, ptr %v13, align 8
  %v15 = getelementptr inbounds i8, ptr %args, i64 64
  %v16 = load i64, ptr %v15, align 8
  %v17 = getelementptr inbounds i8, ptr %args, i64 72
  %v18 = load i64, ptr %v17, align 8
  %v19 = getelementptr inbounds i8, ptr %args, i64 80
  %v20 = load i64, ptr %v19, align 8
  %v21 = getelementptr inbounds i8, ptr %args, i64 88
  %v22 = load i64, ptr %v21, align 8
  %v23 = getelementptr inbounds i8, ptr %args, i64 96
  %v24 = load i64, ptr %v23, align 8
  %v25 = getelementptr inbounds i8, ptr %args, i64 104
  %v26 = load i64, ptr %v25, align 8
  %v27 = getelementptr inbounds i8, ptr %args, i64 112
  %v28 = load i64, ptr %v27, align 8
  %v29 = getelementptr inbounds i8, ptr %args, i64 120
  %v30 = load i64, ptr %v29, align 8
  %v31 = getelementptr inbounds i8, ptr %args, i64 128
  %v32 = load ptr, ptr %v31, align 8
  %v33 = getelementptr inbounds i8, ptr %args, i64 136
  %v34 = load ptr, ptr %v33, align 8
  br label %draw35
draw35:
  %v38 = atomicrmw add ptr %args, i64 1 monotonic
  %v39 = icmp slt i64 %v38, %v2
  br i1 %v39, label %item36, label %drawn37
item36:
  %v40 = urem i64 %v38, %v10
  %v41 = mul nsw i64 %v40, %v8
  %v42 = add nsw i64 %v41, %v8
  %v43 = call i64 @llvm.smin.i64(i64 %v42, i64 %v6)
  br label %head44
head44:
  %i47 = phi i64 [ %v41, %item36 ], [ %v102, %end57 ]
  %v48 = icmp slt i64 %i47, %v43
  br i1 %v48, label %body45, label %end46
body45:
  %v49 = udiv i64 %v38, %v10
  %v50 = mul nsw i64 %v49, %v14
  %v51 = add nsw i64 %v50, %v14
  %v52 = call i64 @llvm.smin.i64(i64 %v51, i64 %v12)
  %v53 = mul nsw i64 %i47, %v24
  %v54 = getelementptr inbounds i8, ptr %v32, i64 %v53
  br label %head55
head55:
  %i58 = phi i64 [ %v50, %body45 ], [ %v90, %end73 ]
  %c59 = phi <8 x double> [ zeroinitializer, %body45 ], [ %c75, %end73 ]
  %v60 = icmp slt i64 %i58, %v52
  br i1 %v60, label %body56, label %end57
body56:
  %v61 = urem i64 %i58, %v18
  %v62 = udiv i64 %i58, %v18
  %v63 = urem i64 %v62, %v16
  %v64 = udiv i64 %v62, %v16
  %v65 = mul nsw i64 %v64, %v22
  %v66 = mul nsw i64 %v63, %v26
  %v67 = mul nsw i64 %v61, %v28
  %v68 = add nsw i64 %v65, %v66
  %v69 = add nsw i64 %v68, %v67
  %v70 = getelementptr inbounds i8, ptr %v54, i64 %v69
  br label %head71
head71:
  %i74 = phi i64 [ 0, %body56 ], [ %v89, %body72 ]
  %c75 = phi <8 x double> [ %c59, %body56 ], [ %v88, %body72 ]
  %v76 = icmp slt i64 %i74, %v20
  br i1 %v76, label %body72, label %end73
body72:
  %v77 = sub nsw i64 %v20, %i74
  %v78 = call i64 @llvm.smin.i64(i64 %v77, i64 8)
  %v79 = call i64 @llvm.smax.i64(i64 %v78, i64 0)
  %v80 = trunc i64 %v79 to i32
  %v81 = insertelement <8 x i32> poison, i32 %v80, i64 0
  %v82 = shufflevector <8 x i32> %v81, <8 x i32> poison, <8 x i32> zeroinitializer
  %v83 = icmp sgt <8 x i32> %v82, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v84 = mul nsw i64 %i74, 4
  %v85 = getelementptr inbounds i8, ptr %v70, i64 %v84
  %v86 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr align 1 %v85, <8 x i1> %v83, <8 x float> zeroinitializer)
  %v87 = fpext <8 x float> %v86 to <8 x double>
  %v88 = fadd <8 x double> %c75, %v87
  %v89 = add nsw i64 %i74, 8
  br label %head71
end73:
  %v90 = add nsw i64 %i58, 1
  br label %head55
end57:
  %v91 = mul nsw i64 %v49, %v4
  %v92 = add nsw i64 %v91, %i47
  %v93 = mul nsw i64 %v92, 8
  %v94 = getelementptr inbounds i8, ptr %v34, i64 %v93
  %v95 = shufflevector <8 x double> %c59, <8 x double> poison, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 4, i32 5, i32 6, i32 7>
  %v96 = fadd <8 x double> %c59, %v95
  %v97 = shufflevector <8 x double> %v96, <8 x double> poison, <8 x i32> <i32 2, i32 3, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v98 = fadd <8 x double> %v96, %v97
  %v99 = shufflevector <8 x double> %v98, <8 x double> poison, <8 x i32> <i32 1, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v100 = fadd <8 x double> %v98, %v99
  %v101 = extractelement <8 x double> %v100, i64 0
  store double %v101, ptr %v94, align 8
  %v102 = add nsw i64 %i47, 1
  br label %head44
end46:
  br label %draw35
drawn37:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }

; ---- next step ----
declare i64 @llvm.smin.i64(i64, i64)

define  void @tilewise_kernel(ptr noalias %args) #0 {
entry:
  %v1 = getelementptr inbounds i8, ptr %args, i64 8
  %v2 = load i64, ptr %v1, align 8
  %v3 = getelementptr inbounds i8, ptr %args, i64 16
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i8, ptr %args, i64 24
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i8, ptr %args, i64 32
  %v8 = load i64, ptr %v7, align 8
  %v9 = getelementptr inbounds i8, ptr %args, i64 40
  %v10 = load ptr, ptr %v9, align 8
  %v11 = getelementptr inbounds i8, ptr %args, i64 48
  %v12 = load ptr, ptr %v11, align 8
  br label %draw13
draw13:
  %v16 = atomicrmw add ptr %args, i64 1 monotonic
  %v17 = icmp slt i64 %v16, %v2
  br i1 %v17, label %item14, label %drawn15
item14:
  %v18 = mul nsw i64 %v16, %v4
  %v19 = add nsw i64 %v16, 1
  %v20 = mul nsw i64 %v19, %v4
  %v21 = call i64 @llvm.smin.i64(i64 %v20, i64 %v6)
  br label %head22
head22:
  %i25 = phi i64 [ %v18, %item14 ], [ %v43, %end29 ]
  %v26 = icmp slt i64 %i25, %v21
  br i1 %v26, label %body23, label %end24
body23:
  br label %head27
head27:
  %i30 = phi i64 [ 0, %body23 ], [ %v39, %body28 ]
  %c31 = phi double [ 0.0, %body23 ], [ %v38, %body28 ]
  %v32 = icmp slt i64 %i30, %v8
  br i1 %v32, label %body28, label %end29
body28:
  %v33 = mul nsw i64 %i30, %v6
  %v34 = add nsw i64 %v33, %i25
  %v35 = mul nsw i64 %v34, 8
  %v36 = getelementptr inbounds i8, ptr %v10, i64 %v35
  %v37 = load double, ptr %v36, align 8
  %v38 = fadd double %c31, %v37
  %v39 = add nsw i64 %i30, 1
  br label %head27
end29:
  %v40 = mul nsw i64 %i25, 4
  %v41 = getelementptr inbounds i8, ptr %v12, i64 %v40
  %v42 = fptrunc double %c31 to float
  store float %v42, ptr %v41, align 1
  %v43 = add nsw i64 %i25, 1
  br label %head22
end24:
  br label %draw13
drawn15:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
