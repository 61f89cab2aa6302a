declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, <8 x i1>, <8 x float>)

define  void @tilewise_kernel(ptr noalias %args, i64 %thread, i64 %threads) #0 {
entry:
  %v1 = getelementptr inbounds i8, ptr %args, i64 32
  %v2 = load i64, ptr %v1, align 8
  %v3 = getelementptr inbounds i8, ptr %args, i64 40
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i8, ptr %args, i64 48
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i8, ptr %args, i64 56
  %v8 = load i64, ptr %v7, align 8
  %v9 = getelementptr inbounds i8, ptr %args, i64 64
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i8, ptr %args, i64 72
  %v12 = load i64, ptr %v11, align 8
  %v13 = getelementptr inbounds i8, ptr %args, i64 80
  %v14 = load i64, ptr %v13, align 8
  %v15 = getelementptr inbounds i8, ptr %args, i64 88
  %v16 = load i64, ptr %v15, align 8
  %v17 = getelementptr inbounds i8, ptr %args, i64 96
  %v18 = load i64, ptr %v17, align 8
  %v19 = getelementptr inbounds i8, ptr %args, i64 104
  %v20 = load i64, ptr %v19, align 8
  %v21 = getelementptr inbounds i8, ptr %args, i64 112
  %v22 = load i64, ptr %v21, align 8
  %v23 = getelementptr inbounds i8, ptr %args, i64 120
  %v24 = load i64, ptr %v23, align 8
  %v25 = getelementptr inbounds i8, ptr %args, i64 128
  %v26 = load i64, ptr %v25, align 8
  %v27 = getelementptr inbounds i8, ptr %args, i64 136
  %v28 = load i64, ptr %v27, align 8
  %v29 = getelementptr inbounds i8, ptr %args, i64 144
  %v30 = load i64, ptr %v29, align 8
  %v31 = getelementptr inbounds i8, ptr %args, i64 152
  %v32 = load ptr, ptr %v31, align 8
  %v33 = getelementptr inbounds i8, ptr %args, i64 160
  %v34 = load ptr, ptr %v33, align 8
  %v35 = add nsw i64 %threads, 1
  %v36 = udiv i64 %v35, 2
  %v37 = call i64 @llvm.smin.i64(i64 %v36, i64 4)
  %v38 = icmp sge i64 %v2, 2147483648
  %v39 = urem i64 %thread, 2
  %v40 = icmp eq i64 %v39, 1
  %v41 = select i1 %v38, i1 false, i1 %v40
  %v42 = select i1 %v41, i64 4294967296, i64 1
  br label %head43
head43:
  %i46 = phi i64 [ 0, %entry ], [ %v136, %drawn61 ]
  %v47 = icmp slt i64 %i46, %v37
  br i1 %v47, label %body44, label %end45
body44:
  %v48 = udiv i64 %thread, 2
  %v49 = add nsw i64 %v48, %i46
  %v50 = urem i64 %v49, %v37
  %v51 = mul nsw i64 %v2, %v50
  %v52 = udiv i64 %v51, %v37
  %v53 = add nsw i64 %v50, 1
  %v54 = mul nsw i64 %v2, %v53
  %v55 = udiv i64 %v54, %v37
  %v56 = sub nsw i64 %v55, %v52
  %v57 = mul nsw i64 %v50, 8
  %v58 = getelementptr inbounds i8, ptr %args, i64 %v57
  br label %draw59
draw59:
  %v62 = atomicrmw add ptr %v58, i64 %v42 monotonic
  %v63 = lshr i64 %v62, 32
  %v64 = select i1 %v38, i64 0, i64 %v63
  %v65 = mul nsw i64 %v64, 4294967296
  %v66 = sub nsw i64 %v62, %v65
  %v67 = add nsw i64 %v64, %v66
  %v68 = icmp slt i64 %v67, %v56
  br i1 %v68, label %item60, label %drawn61
item60:
  %v69 = add nsw i64 %v56, -1
  %v70 = sub nsw i64 %v69, %v64
  %v71 = select i1 %v41, i64 %v70, i64 %v66
  %v72 = add nsw i64 %v52, %v71
  %v73 = urem i64 %v72, %v10
  %v74 = mul nsw i64 %v73, %v8
  %v75 = add nsw i64 %v74, %v8
  %v76 = call i64 @llvm.smin.i64(i64 %v75, i64 %v6)
  br label %head77
head77:
  %i80 = phi i64 [ %v74, %item60 ], [ %v135, %end90 ]
  %v81 = icmp slt i64 %i80, %v76
  br i1 %v81, label %body78, label %end79
body78:
  %v82 = udiv i64 %v72, %v10
  %v83 = mul nsw i64 %v82, %v14
  %v84 = add nsw i64 %v83, %v14
  %v85 = call i64 @llvm.smin.i64(i64 %v84, i64 %v12)
  %v86 = mul nsw i64 %i80, %v24
  %v87 = getelementptr inbounds i8, ptr %v32, i64 %v86
  br label %head88
head88:
  %i91 = phi i64 [ %v83, %body78 ], [ %v123, %end106 ]
  %c92 = phi <8 x double> [ zeroinitializer, %body78 ], [ %c108, %end106 ]
  %v93 = icmp slt i64 %i91, %v85
  br i1 %v93, label %body89, label %end90
body89:
  %v94 = urem i64 %i91, %v18
  %v95 = udiv i64 %i91, %v18
  %v96 = urem i64 %v95, %v16
  %v97 = udiv i64 %v95, %v16
  %v98 = mul nsw i64 %v97, %v22
  %v99 = mul nsw i64 %v96, %v26
  %v100 = mul nsw i64 %v94, %v28
  %v101 = add nsw i64 %v98, %v99
  %v102 = add nsw i64 %v101, %v100
  %v103 = getelementptr inbounds i8, ptr %v87, i64 %v102
  br label %head104
head104:
  %i107 = phi i64 [ 0, %body89 ], [ %v122, %body105 ]
  %c108 = phi <8 x double> [ %c92, %body89 ], [ %v121, %body105 ]
  %v109 = icmp slt i64 %i107, %v20
  br i1 %v109, label %body105, label %end106
body105:
  %v110 = sub nsw i64 %v20, %i107
  %v111 = call i64 @llvm.smin.i64(i64 %v110, i64 8)
  %v112 = call i64 @llvm.smax.i64(i64 %v111, i64 0)
  %v113 = trunc i64 %v112 to i32
  %v114 = insertelement <8 x i32> poison, i32 %v113, i64 0
  %v115 = shufflevector <8 x i32> %v114, <8 x i32> poison, <8 x i32> zeroinitializer
  %v116 = icmp sgt <8 x i32> %v115, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v117 = mul nsw i64 %i107, 4
  %v118 = getelementptr inbounds i8, ptr %v103, i64 %v117
  %v119 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr align 1 %v118, <8 x i1> %v116, <8 x float> zeroinitializer)
  %v120 = fpext <8 x float> %v119 to <8 x double>
  %v121 = fadd <8 x double> %c108, %v120
  %v122 = add nsw i64 %i107, 8
  br label %head104
end106:
  %v123 = add nsw i64 %i91, 1
  br label %head88
end90:
  %v124 = mul nsw i64 %v82, %v4
  %v125 = add nsw i64 %v124, %i80
  %v126 = mul nsw i64 %v125, 8
  %v127 = getelementptr inbounds i8, ptr %v34, i64 %v126
  %v128 = shufflevector <8 x double> %c92, <8 x double> poison, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 4, i32 5, i32 6, i32 7>
  %v129 = fadd <8 x double> %c92, %v128
  %v130 = shufflevector <8 x double> %v129, <8 x double> poison, <8 x i32> <i32 2, i32 3, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v131 = fadd <8 x double> %v129, %v130
  %v132 = shufflevector <8 x double> %v131, <8 x double> poison, <8 x i32> <i32 1, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v133 = fadd <8 x double> %v131, %v132
  %v134 = extractelement <8 x double> %v133, i64 0
  store double %v134, ptr %v127, align 8
  %v135 = add nsw i64 %i80, 1
  br label %head77
end79:
  br label %draw59
drawn61:
  %v136 = add nsw i64 %i46, 1
  br label %head43
end45:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }

; ---- next step ----
declare i64 @llvm.smin.i64(i64, i64)

define  void @tilewise_kernel(ptr noalias %args, i64 %thread, i64 %threads) #0 {
entry:
  %v1 = getelementptr inbounds i8, ptr %args, i64 32
  %v2 = load i64, ptr %v1, align 8
  %v3 = getelementptr inbounds i8, ptr %args, i64 40
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i8, ptr %args, i64 48
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i8, ptr %args, i64 56
  %v8 = load i64, ptr %v7, align 8
  %v9 = getelementptr inbounds i8, ptr %args, i64 64
  %v10 = load ptr, ptr %v9, align 8
  %v11 = getelementptr inbounds i8, ptr %args, i64 72
  %v12 = load ptr, ptr %v11, align 8
  %v13 = add nsw i64 %threads, 1
  %v14 = udiv i64 %v13, 2
  %v15 = call i64 @llvm.smin.i64(i64 %v14, i64 4)
  %v16 = icmp sge i64 %v2, 2147483648
  %v17 = urem i64 %thread, 2
  %v18 = icmp eq i64 %v17, 1
  %v19 = select i1 %v16, i1 false, i1 %v18
  %v20 = select i1 %v19, i64 4294967296, i64 1
  br label %head21
head21:
  %i24 = phi i64 [ 0, %entry ], [ %v77, %drawn39 ]
  %v25 = icmp slt i64 %i24, %v15
  br i1 %v25, label %body22, label %end23
body22:
  %v26 = udiv i64 %thread, 2
  %v27 = add nsw i64 %v26, %i24
  %v28 = urem i64 %v27, %v15
  %v29 = mul nsw i64 %v2, %v28
  %v30 = udiv i64 %v29, %v15
  %v31 = add nsw i64 %v28, 1
  %v32 = mul nsw i64 %v2, %v31
  %v33 = udiv i64 %v32, %v15
  %v34 = sub nsw i64 %v33, %v30
  %v35 = mul nsw i64 %v28, 8
  %v36 = getelementptr inbounds i8, ptr %args, i64 %v35
  br label %draw37
draw37:
  %v40 = atomicrmw add ptr %v36, i64 %v20 monotonic
  %v41 = lshr i64 %v40, 32
  %v42 = select i1 %v16, i64 0, i64 %v41
  %v43 = mul nsw i64 %v42, 4294967296
  %v44 = sub nsw i64 %v40, %v43
  %v45 = add nsw i64 %v42, %v44
  %v46 = icmp slt i64 %v45, %v34
  br i1 %v46, label %item38, label %drawn39
item38:
  %v47 = add nsw i64 %v34, -1
  %v48 = sub nsw i64 %v47, %v42
  %v49 = select i1 %v19, i64 %v48, i64 %v44
  %v50 = add nsw i64 %v30, %v49
  %v51 = mul nsw i64 %v50, %v4
  %v52 = add nsw i64 %v50, 1
  %v53 = mul nsw i64 %v52, %v4
  %v54 = call i64 @llvm.smin.i64(i64 %v53, i64 %v6)
  br label %head55
head55:
  %i58 = phi i64 [ %v51, %item38 ], [ %v76, %end62 ]
  %v59 = icmp slt i64 %i58, %v54
  br i1 %v59, label %body56, label %end57
body56:
  br label %head60
head60:
  %i63 = phi i64 [ 0, %body56 ], [ %v72, %body61 ]
  %c64 = phi double [ 0.0, %body56 ], [ %v71, %body61 ]
  %v65 = icmp slt i64 %i63, %v8
  br i1 %v65, label %body61, label %end62
body61:
  %v66 = mul nsw i64 %i63, %v6
  %v67 = add nsw i64 %v66, %i58
  %v68 = mul nsw i64 %v67, 8
  %v69 = getelementptr inbounds i8, ptr %v10, i64 %v68
  %v70 = load double, ptr %v69, align 8
  %v71 = fadd double %c64, %v70
  %v72 = add nsw i64 %i63, 1
  br label %head60
end62:
  %v73 = mul nsw i64 %i58, 4
  %v74 = getelementptr inbounds i8, ptr %v12, i64 %v73
  %v75 = fptrunc double %c64 to float
  store float %v75, ptr %v74, align 1
  %v76 = add nsw i64 %i58, 1
  br label %head55
end57:
  br label %draw37
drawn39:
  %v77 = add nsw i64 %i24, 1
  br label %head21
end23:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
