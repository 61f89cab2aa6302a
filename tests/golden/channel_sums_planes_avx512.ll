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
  %v28 = load ptr, ptr %v27, align 8
  %v29 = getelementptr inbounds i8, ptr %args, i64 120
  %v30 = load ptr, ptr %v29, align 8
  br label %draw31
draw31:
  %v34 = atomicrmw add ptr %args, i64 1 monotonic
  %v35 = icmp slt i64 %v34, %v2
  br i1 %v35, label %item32, label %drawn33
item32:
  %v36 = urem i64 %v34, %v6
  %v37 = udiv i64 %v34, %v6
  %v38 = mul nsw i64 %v37, %v10
  %v39 = add nsw i64 %v38, %v10
  %v40 = call i64 @llvm.smin.i64(i64 %v39, i64 %v8)
  %v41 = mul nsw i64 %v36, %v20
  %v42 = getelementptr inbounds i8, ptr %v28, i64 %v41
  br label %head43
head43:
  %i46 = phi i64 [ %v38, %item32 ], [ %v78, %end61 ]
  %c47 = phi <8 x double> [ zeroinitializer, %item32 ], [ %c63, %end61 ]
  %v48 = icmp slt i64 %i46, %v40
  br i1 %v48, label %body44, label %end45
body44:
  %v49 = urem i64 %i46, %v14
  %v50 = udiv i64 %i46, %v14
  %v51 = urem i64 %v50, %v12
  %v52 = udiv i64 %v50, %v12
  %v53 = mul nsw i64 %v52, %v18
  %v54 = mul nsw i64 %v51, %v22
  %v55 = mul nsw i64 %v49, %v24
  %v56 = add nsw i64 %v53, %v54
  %v57 = add nsw i64 %v56, %v55
  %v58 = getelementptr inbounds i8, ptr %v42, i64 %v57
  br label %head59
head59:
  %i62 = phi i64 [ 0, %body44 ], [ %v77, %body60 ]
  %c63 = phi <8 x double> [ %c47, %body44 ], [ %v76, %body60 ]
  %v64 = icmp slt i64 %i62, %v16
  br i1 %v64, label %body60, label %end61
body60:
  %v65 = sub nsw i64 %v16, %i62
  %v66 = call i64 @llvm.smin.i64(i64 %v65, i64 8)
  %v67 = call i64 @llvm.smax.i64(i64 %v66, i64 0)
  %v68 = trunc i64 %v67 to i32
  %v69 = insertelement <8 x i32> poison, i32 %v68, i64 0
  %v70 = shufflevector <8 x i32> %v69, <8 x i32> poison, <8 x i32> zeroinitializer
  %v71 = icmp sgt <8 x i32> %v70, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v72 = mul nsw i64 %i62, 4
  %v73 = getelementptr inbounds i8, ptr %v58, i64 %v72
  %v74 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr align 1 %v73, <8 x i1> %v71, <8 x float> zeroinitializer)
  %v75 = fpext <8 x float> %v74 to <8 x double>
  %v76 = fadd <8 x double> %c63, %v75
  %v77 = add nsw i64 %i62, 8
  br label %head59
end61:
  %v78 = add nsw i64 %i46, 1
  br label %head43
end45:
  %v79 = mul nsw i64 %v37, %v4
  %v80 = add nsw i64 %v79, %v36
  %v81 = mul nsw i64 %v80, 8
  %v82 = getelementptr inbounds i8, ptr %v30, i64 %v81
  %v83 = shufflevector <8 x double> %c47, <8 x double> poison, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 4, i32 5, i32 6, i32 7>
  %v84 = fadd <8 x double> %c47, %v83
  %v85 = shufflevector <8 x double> %v84, <8 x double> poison, <8 x i32> <i32 2, i32 3, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v86 = fadd <8 x double> %v84, %v85
  %v87 = shufflevector <8 x double> %v86, <8 x double> poison, <8 x i32> <i32 1, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v88 = fadd <8 x double> %v86, %v87
  %v89 = extractelement <8 x double> %v88, i64 0
  store double %v89, ptr %v82, align 8
  br label %draw31
drawn33:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }

; ---- next step ----


define  void @tilewise_kernel(ptr noalias %args) #0 {
entry:
  %v1 = getelementptr inbounds i8, ptr %args, i64 8
  %v2 = load i64, ptr %v1, align 8
  %v3 = getelementptr inbounds i8, ptr %args, i64 16
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i8, ptr %args, i64 24
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i8, ptr %args, i64 32
  %v8 = load ptr, ptr %v7, align 8
  %v9 = getelementptr inbounds i8, ptr %args, i64 40
  %v10 = load ptr, ptr %v9, align 8
  br label %draw11
draw11:
  %v14 = atomicrmw add ptr %args, i64 1 monotonic
  %v15 = icmp slt i64 %v14, %v2
  br i1 %v15, label %item12, label %drawn13
item12:
  br label %head16
head16:
  %i19 = phi i64 [ 0, %item12 ], [ %v28, %body17 ]
  %c20 = phi double [ 0.0, %item12 ], [ %v27, %body17 ]
  %v21 = icmp slt i64 %i19, %v6
  br i1 %v21, label %body17, label %end18
body17:
  %v22 = mul nsw i64 %i19, %v4
  %v23 = add nsw i64 %v22, %v14
  %v24 = mul nsw i64 %v23, 8
  %v25 = getelementptr inbounds i8, ptr %v8, i64 %v24
  %v26 = load double, ptr %v25, align 8
  %v27 = fadd double %c20, %v26
  %v28 = add nsw i64 %i19, 1
  br label %head16
end18:
  %v29 = mul nsw i64 %v14, 4
  %v30 = getelementptr inbounds i8, ptr %v10, i64 %v29
  %v31 = fptrunc double %c20 to float
  store float %v31, ptr %v30, align 1
  br label %draw11
drawn13:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
