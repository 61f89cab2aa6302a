declare i64 @llvm.smin.i64(i64, i64)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare i64 @llvm.smax.i64(i64, i64)
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, <16 x i1>, <16 x float>)
declare void @llvm.masked.store.v16f32.p0(<16 x float>, ptr, <16 x i1>)

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
  %v32 = load i64, ptr %v31, align 8
  %v33 = getelementptr inbounds i8, ptr %args, i64 136
  %v34 = load i64, ptr %v33, align 8
  %v35 = getelementptr inbounds i8, ptr %args, i64 144
  %v36 = load i64, ptr %v35, align 8
  %v37 = getelementptr inbounds i8, ptr %args, i64 152
  %v38 = load ptr, ptr %v37, align 8
  %v39 = getelementptr inbounds i8, ptr %args, i64 160
  %v40 = load ptr, ptr %v39, align 8
  %v41 = add nsw i64 %v32, %v34
  %v42 = add nsw i64 %v41, %v36
  %v43 = mul nsw i64 %v42, 4
  br label %draw44
draw44:
  %v47 = atomicrmw add ptr %args, i64 1 monotonic
  %v48 = icmp slt i64 %v47, %v2
  br i1 %v48, label %item45, label %drawn46
item45:
  %v49 = mul nsw i64 %v47, %v4
  %v50 = add nsw i64 %v49, %v4
  %v51 = call i64 @llvm.smin.i64(i64 %v50, i64 %v6)
  br label %head52
head52:
  %i55 = phi i64 [ %v49, %item45 ], [ %v115, %end80 ]
  %v56 = icmp slt i64 %i55, %v51
  br i1 %v56, label %body53, label %end54
body53:
  %v57 = urem i64 %i55, %v12
  %v58 = udiv i64 %i55, %v12
  %v59 = urem i64 %v58, %v10
  %v60 = udiv i64 %v58, %v10
  %v61 = urem i64 %v60, %v8
  %v62 = udiv i64 %v60, %v8
  %v63 = add nsw i64 %v59, %v14
  %v64 = add nsw i64 %v57, %v16
  %v65 = mul nsw i64 %i55, %v43
  %v66 = getelementptr inbounds i8, ptr %v40, i64 %v65
  %v67 = icmp ult i64 %v63, %v18
  %v68 = icmp ult i64 %v64, %v20
  %v69 = and i1 %v67, %v68
  %v70 = mul nsw i64 %v62, %v22
  %v71 = mul nsw i64 %v61, %v24
  %v72 = mul nsw i64 %v63, %v26
  %v73 = mul nsw i64 %v64, %v28
  %v74 = add nsw i64 %v70, %v71
  %v75 = add nsw i64 %v74, %v72
  %v76 = add nsw i64 %v75, %v73
  %v77 = getelementptr inbounds i8, ptr %v38, i64 %v76
  br i1 %v69, label %then78, label %else79
then78:
  %v81 = mul nsw i64 %v32, 4
  call void @llvm.memset.p0.i64(ptr %v66, i8 0, i64 %v81, i1 false)
  %v82 = mul nsw i64 %v32, 4
  %v83 = getelementptr inbounds i8, ptr %v66, i64 %v82
  %v84 = udiv i64 %v34, 16
  %v85 = mul nsw i64 %v84, 16
  br label %head86
head86:
  %i89 = phi i64 [ 0, %then78 ], [ %v96, %body87 ]
  %v90 = icmp slt i64 %i89, %v85
  br i1 %v90, label %body87, label %end88
body87:
  %v91 = mul nsw i64 %i89, 4
  %v92 = getelementptr inbounds i8, ptr %v77, i64 %v91
  %v93 = load <16 x float>, ptr %v92, align 1
  %v94 = mul nsw i64 %i89, 4
  %v95 = getelementptr inbounds i8, ptr %v83, i64 %v94
  store <16 x float> %v93, ptr %v95, align 4
  %v96 = add nsw i64 %i89, 16
  br label %head86
end88:
  %v97 = icmp slt i64 %v85, %v34
  br i1 %v97, label %then98, label %end99
then98:
  %v100 = sub nsw i64 %v34, %v85
  %v101 = call i64 @llvm.smin.i64(i64 %v100, i64 16)
  %v102 = call i64 @llvm.smax.i64(i64 %v101, i64 0)
  %v103 = trunc i64 %v102 to i32
  %v104 = insertelement <16 x i32> poison, i32 %v103, i64 0
  %v105 = shufflevector <16 x i32> %v104, <16 x i32> poison, <16 x i32> zeroinitializer
  %v106 = icmp sgt <16 x i32> %v105, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v107 = mul nsw i64 %v85, 4
  %v108 = getelementptr inbounds i8, ptr %v77, i64 %v107
  %v109 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v108, <16 x i1> %v106, <16 x float> zeroinitializer)
  %v110 = mul nsw i64 %v85, 4
  %v111 = getelementptr inbounds i8, ptr %v83, i64 %v110
  call void @llvm.masked.store.v16f32.p0(<16 x float> %v109, ptr align 1 %v111, <16 x i1> %v106)
  br label %end99
end99:
  %v112 = mul nsw i64 %v34, 4
  %v113 = getelementptr inbounds i8, ptr %v83, i64 %v112
  %v114 = mul nsw i64 %v36, 4
  call void @llvm.memset.p0.i64(ptr %v113, i8 0, i64 %v114, i1 false)
  br label %end80
else79:
  call void @llvm.memset.p0.i64(ptr %v66, i8 0, i64 %v43, i1 false)
  br label %end80
end80:
  %v115 = add nsw i64 %i55, 1
  br label %head52
end54:
  br label %draw44
drawn46:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }

; ---- next step ----
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, <16 x i1>, <16 x float>)
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)

define  void @tilewise_kernel(ptr noalias %args) #0 {
entry:
  %frame35 = alloca [64 x i8], align 64
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
  %v26 = load ptr, ptr %v25, align 8
  %v27 = getelementptr inbounds i8, ptr %args, i64 112
  %v28 = load ptr, ptr %v27, align 8
  %v29 = getelementptr inbounds i8, ptr %args, i64 120
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i8, ptr %args, i64 128
  %v32 = load ptr, ptr %v31, align 8
  %v33 = getelementptr inbounds i8, ptr %args, i64 136
  %v34 = load ptr, ptr %v33, align 8
  br label %draw36
draw36:
  %v39 = atomicrmw add ptr %args, i64 1 monotonic
  %v40 = icmp slt i64 %v39, %v2
  br i1 %v40, label %item37, label %drawn38
item37:
  %v41 = urem i64 %v39, %v6
  %v42 = udiv i64 %v39, %v6
  %v43 = urem i64 %v42, %v4
  %v44 = udiv i64 %v42, %v4
  %v45 = mul nsw i64 %v41, %v8
  %v46 = add nsw i64 %v45, %v8
  %v47 = call i64 @llvm.smin.i64(i64 %v46, i64 %v10)
  %v48 = mul nsw i64 %v44, %v4
  %v49 = add nsw i64 %v48, %v43
  %v50 = mul nsw i64 %v49, %v14
  %v51 = mul nsw i64 %v50, 64
  store <16 x float> zeroinitializer, ptr %frame35, align 4
  %v52 = getelementptr inbounds i8, ptr %v32, i64 %v51
  br label %head53
head53:
  %i56 = phi i64 [ 0, %item37 ], [ %v421, %end70 ]
  %v57 = icmp slt i64 %i56, 16
  br i1 %v57, label %body54, label %end55
body54:
  %v58 = mul nsw i64 %v43, 16
  %v59 = add nsw i64 %v58, %i56
  %v60 = mul nsw i64 %v44, %v18
  %v61 = mul nsw i64 %v59, %v20
  %v62 = add nsw i64 %v60, %v61
  %v63 = getelementptr inbounds i8, ptr %v30, i64 %v62
  %v64 = sub nsw i64 %v16, %v59
  %v65 = mul nsw i64 %i56, 4
  %v66 = getelementptr inbounds i8, ptr %v52, i64 %v65
  %v67 = icmp sge i64 %v64, 16
  br i1 %v67, label %then68, label %else69
then68:
  br label %head71
head71:
  %i74 = phi i64 [ %v45, %then68 ], [ %v381, %end83 ]
  %v75 = icmp slt i64 %i74, %v47
  br i1 %v75, label %body72, label %end73
body72:
  %v76 = mul nsw i64 %i74, 8
  %v77 = getelementptr inbounds i8, ptr %v26, i64 %v76
  %v78 = load i64, ptr %v77, align 8
  %v79 = getelementptr inbounds i8, ptr %v63, i64 %v78
  %v80 = mul nsw i64 %i74, %v12
  br label %head81
head81:
  %i84 = phi i64 [ 0, %body72 ], [ %v380, %end371 ]
  %v85 = icmp slt i64 %i84, %v12
  br i1 %v85, label %body82, label %end83
body82:
  %v86 = mul nsw i64 %i84, 4
  %v87 = getelementptr inbounds i8, ptr %v79, i64 %v86
  %v88 = sub nsw i64 %v12, %i84
  %v89 = call i64 @llvm.smin.i64(i64 %v88, i64 16)
  %v90 = call i64 @llvm.smax.i64(i64 %v89, i64 0)
  %v91 = trunc i64 %v90 to i32
  %v92 = insertelement <16 x i32> poison, i32 %v91, i64 0
  %v93 = shufflevector <16 x i32> %v92, <16 x i32> poison, <16 x i32> zeroinitializer
  %v94 = icmp sgt <16 x i32> %v93, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v95 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v87, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v96 = getelementptr inbounds i8, ptr %v87, i64 %v20
  %v97 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v96, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v98 = mul nsw i64 %v20, 2
  %v99 = getelementptr inbounds i8, ptr %v87, i64 %v98
  %v100 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v99, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v101 = mul nsw i64 %v20, 3
  %v102 = getelementptr inbounds i8, ptr %v87, i64 %v101
  %v103 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v102, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v104 = mul nsw i64 %v20, 4
  %v105 = getelementptr inbounds i8, ptr %v87, i64 %v104
  %v106 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v105, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v107 = mul nsw i64 %v20, 5
  %v108 = getelementptr inbounds i8, ptr %v87, i64 %v107
  %v109 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v108, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v110 = mul nsw i64 %v20, 6
  %v111 = getelementptr inbounds i8, ptr %v87, i64 %v110
  %v112 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v111, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v113 = mul nsw i64 %v20, 7
  %v114 = getelementptr inbounds i8, ptr %v87, i64 %v113
  %v115 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v114, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v116 = mul nsw i64 %v20, 8
  %v117 = getelementptr inbounds i8, ptr %v87, i64 %v116
  %v118 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v117, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v119 = mul nsw i64 %v20, 9
  %v120 = getelementptr inbounds i8, ptr %v87, i64 %v119
  %v121 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v120, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v122 = mul nsw i64 %v20, 10
  %v123 = getelementptr inbounds i8, ptr %v87, i64 %v122
  %v124 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v123, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v125 = mul nsw i64 %v20, 11
  %v126 = getelementptr inbounds i8, ptr %v87, i64 %v125
  %v127 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v126, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v128 = mul nsw i64 %v20, 12
  %v129 = getelementptr inbounds i8, ptr %v87, i64 %v128
  %v130 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v129, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v131 = mul nsw i64 %v20, 13
  %v132 = getelementptr inbounds i8, ptr %v87, i64 %v131
  %v133 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v132, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v134 = mul nsw i64 %v20, 14
  %v135 = getelementptr inbounds i8, ptr %v87, i64 %v134
  %v136 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v135, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v137 = mul nsw i64 %v20, 15
  %v138 = getelementptr inbounds i8, ptr %v87, i64 %v137
  %v139 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v138, <16 x i1> %v94, <16 x float> zeroinitializer)
  %v140 = add nsw i64 %v80, %i84
  %v141 = shufflevector <16 x float> %v95, <16 x float> %v97, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v142 = shufflevector <16 x float> %v95, <16 x float> %v97, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v143 = shufflevector <16 x float> %v100, <16 x float> %v103, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v144 = shufflevector <16 x float> %v100, <16 x float> %v103, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v145 = shufflevector <16 x float> %v106, <16 x float> %v109, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v146 = shufflevector <16 x float> %v106, <16 x float> %v109, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v147 = shufflevector <16 x float> %v112, <16 x float> %v115, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v148 = shufflevector <16 x float> %v112, <16 x float> %v115, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v149 = shufflevector <16 x float> %v118, <16 x float> %v121, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v150 = shufflevector <16 x float> %v118, <16 x float> %v121, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v151 = shufflevector <16 x float> %v124, <16 x float> %v127, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v152 = shufflevector <16 x float> %v124, <16 x float> %v127, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v153 = shufflevector <16 x float> %v130, <16 x float> %v133, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v154 = shufflevector <16 x float> %v130, <16 x float> %v133, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v155 = shufflevector <16 x float> %v136, <16 x float> %v139, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v156 = shufflevector <16 x float> %v136, <16 x float> %v139, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v157 = shufflevector <16 x float> %v141, <16 x float> %v143, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v158 = shufflevector <16 x float> %v141, <16 x float> %v143, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v159 = shufflevector <16 x float> %v142, <16 x float> %v144, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v160 = shufflevector <16 x float> %v142, <16 x float> %v144, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v161 = shufflevector <16 x float> %v145, <16 x float> %v147, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v162 = shufflevector <16 x float> %v145, <16 x float> %v147, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v163 = shufflevector <16 x float> %v146, <16 x float> %v148, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v164 = shufflevector <16 x float> %v146, <16 x float> %v148, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v165 = shufflevector <16 x float> %v149, <16 x float> %v151, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v166 = shufflevector <16 x float> %v149, <16 x float> %v151, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v167 = shufflevector <16 x float> %v150, <16 x float> %v152, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v168 = shufflevector <16 x float> %v150, <16 x float> %v152, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v169 = shufflevector <16 x float> %v153, <16 x float> %v155, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v170 = shufflevector <16 x float> %v153, <16 x float> %v155, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v171 = shufflevector <16 x float> %v154, <16 x float> %v156, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v172 = shufflevector <16 x float> %v154, <16 x float> %v156, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v173 = shufflevector <16 x float> %v157, <16 x float> %v161, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v174 = shufflevector <16 x float> %v157, <16 x float> %v161, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v175 = shufflevector <16 x float> %v159, <16 x float> %v163, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v176 = shufflevector <16 x float> %v159, <16 x float> %v163, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v177 = shufflevector <16 x float> %v158, <16 x float> %v162, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v178 = shufflevector <16 x float> %v158, <16 x float> %v162, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v179 = shufflevector <16 x float> %v160, <16 x float> %v164, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v180 = shufflevector <16 x float> %v160, <16 x float> %v164, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v181 = shufflevector <16 x float> %v165, <16 x float> %v169, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v182 = shufflevector <16 x float> %v165, <16 x float> %v169, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v183 = shufflevector <16 x float> %v167, <16 x float> %v171, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v184 = shufflevector <16 x float> %v167, <16 x float> %v171, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v185 = shufflevector <16 x float> %v166, <16 x float> %v170, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v186 = shufflevector <16 x float> %v166, <16 x float> %v170, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v187 = shufflevector <16 x float> %v168, <16 x float> %v172, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v188 = shufflevector <16 x float> %v168, <16 x float> %v172, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v189 = shufflevector <16 x float> %v173, <16 x float> %v181, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v190 = shufflevector <16 x float> %v173, <16 x float> %v181, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v191 = shufflevector <16 x float> %v175, <16 x float> %v183, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v192 = shufflevector <16 x float> %v175, <16 x float> %v183, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v193 = shufflevector <16 x float> %v177, <16 x float> %v185, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v194 = shufflevector <16 x float> %v177, <16 x float> %v185, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v195 = shufflevector <16 x float> %v179, <16 x float> %v187, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v196 = shufflevector <16 x float> %v179, <16 x float> %v187, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v197 = shufflevector <16 x float> %v174, <16 x float> %v182, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v198 = shufflevector <16 x float> %v174, <16 x float> %v182, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v199 = shufflevector <16 x float> %v176, <16 x float> %v184, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v200 = shufflevector <16 x float> %v176, <16 x float> %v184, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v201 = shufflevector <16 x float> %v178, <16 x float> %v186, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v202 = shufflevector <16 x float> %v178, <16 x float> %v186, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v203 = shufflevector <16 x float> %v180, <16 x float> %v188, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v204 = shufflevector <16 x float> %v180, <16 x float> %v188, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v205 = icmp slt i64 0, %v88
  br i1 %v205, label %then206, label %end207
then206:
  %v208 = mul nsw i64 %v140, 8
  %v209 = getelementptr inbounds i8, ptr %v28, i64 %v208
  %v210 = load i64, ptr %v209, align 8
  %v211 = mul nsw i64 %v210, 64
  %v212 = getelementptr inbounds i8, ptr %v66, i64 %v211
  store <16 x float> %v189, ptr %v212, align 4
  %v213 = load <16 x float>, ptr %frame35, align 4
  %v214 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v189, <16 x float> zeroinitializer, <16 x float> %v213)
  store <16 x float> %v214, ptr %frame35, align 4
  br label %end207
end207:
  %v215 = icmp slt i64 1, %v88
  br i1 %v215, label %then216, label %end217
then216:
  %v218 = add nsw i64 %v140, 1
  %v219 = mul nsw i64 %v218, 8
  %v220 = getelementptr inbounds i8, ptr %v28, i64 %v219
  %v221 = load i64, ptr %v220, align 8
  %v222 = mul nsw i64 %v221, 64
  %v223 = getelementptr inbounds i8, ptr %v66, i64 %v222
  store <16 x float> %v191, ptr %v223, align 4
  %v224 = load <16 x float>, ptr %frame35, align 4
  %v225 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v191, <16 x float> zeroinitializer, <16 x float> %v224)
  store <16 x float> %v225, ptr %frame35, align 4
  br label %end217
end217:
  %v226 = icmp slt i64 2, %v88
  br i1 %v226, label %then227, label %end228
then227:
  %v229 = add nsw i64 %v140, 2
  %v230 = mul nsw i64 %v229, 8
  %v231 = getelementptr inbounds i8, ptr %v28, i64 %v230
  %v232 = load i64, ptr %v231, align 8
  %v233 = mul nsw i64 %v232, 64
  %v234 = getelementptr inbounds i8, ptr %v66, i64 %v233
  store <16 x float> %v193, ptr %v234, align 4
  %v235 = load <16 x float>, ptr %frame35, align 4
  %v236 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v193, <16 x float> zeroinitializer, <16 x float> %v235)
  store <16 x float> %v236, ptr %frame35, align 4
  br label %end228
end228:
  %v237 = icmp slt i64 3, %v88
  br i1 %v237, label %then238, label %end239
then238:
  %v240 = add nsw i64 %v140, 3
  %v241 = mul nsw i64 %v240, 8
  %v242 = getelementptr inbounds i8, ptr %v28, i64 %v241
  %v243 = load i64, ptr %v242, align 8
  %v244 = mul nsw i64 %v243, 64
  %v245 = getelementptr inbounds i8, ptr %v66, i64 %v244
  store <16 x float> %v195, ptr %v245, align 4
  %v246 = load <16 x float>, ptr %frame35, align 4
  %v247 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v195, <16 x float> zeroinitializer, <16 x float> %v246)
  store <16 x float> %v247, ptr %frame35, align 4
  br label %end239
end239:
  %v248 = icmp slt i64 4, %v88
  br i1 %v248, label %then249, label %end250
then249:
  %v251 = add nsw i64 %v140, 4
  %v252 = mul nsw i64 %v251, 8
  %v253 = getelementptr inbounds i8, ptr %v28, i64 %v252
  %v254 = load i64, ptr %v253, align 8
  %v255 = mul nsw i64 %v254, 64
  %v256 = getelementptr inbounds i8, ptr %v66, i64 %v255
  store <16 x float> %v197, ptr %v256, align 4
  %v257 = load <16 x float>, ptr %frame35, align 4
  %v258 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v197, <16 x float> zeroinitializer, <16 x float> %v257)
  store <16 x float> %v258, ptr %frame35, align 4
  br label %end250
end250:
  %v259 = icmp slt i64 5, %v88
  br i1 %v259, label %then260, label %end261
then260:
  %v262 = add nsw i64 %v140, 5
  %v263 = mul nsw i64 %v262, 8
  %v264 = getelementptr inbounds i8, ptr %v28, i64 %v263
  %v265 = load i64, ptr %v264, align 8
  %v266 = mul nsw i64 %v265, 64
  %v267 = getelementptr inbounds i8, ptr %v66, i64 %v266
  store <16 x float> %v199, ptr %v267, align 4
  %v268 = load <16 x float>, ptr %frame35, align 4
  %v269 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v199, <16 x float> zeroinitializer, <16 x float> %v268)
  store <16 x float> %v269, ptr %frame35, align 4
  br label %end261
end261:
  %v270 = icmp slt i64 6, %v88
  br i1 %v270, label %then271, label %end272
then271:
  %v273 = add nsw i64 %v140, 6
  %v274 = mul nsw i64 %v273, 8
  %v275 = getelementptr inbounds i8, ptr %v28, i64 %v274
  %v276 = load i64, ptr %v275, align 8
  %v277 = mul nsw i64 %v276, 64
  %v278 = getelementptr inbounds i8, ptr %v66, i64 %v277
  store <16 x float> %v201, ptr %v278, align 4
  %v279 = load <16 x float>, ptr %frame35, align 4
  %v280 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v201, <16 x float> zeroinitializer, <16 x float> %v279)
  store <16 x float> %v280, ptr %frame35, align 4
  br label %end272
end272:
  %v281 = icmp slt i64 7, %v88
  br i1 %v281, label %then282, label %end283
then282:
  %v284 = add nsw i64 %v140, 7
  %v285 = mul nsw i64 %v284, 8
  %v286 = getelementptr inbounds i8, ptr %v28, i64 %v285
  %v287 = load i64, ptr %v286, align 8
  %v288 = mul nsw i64 %v287, 64
  %v289 = getelementptr inbounds i8, ptr %v66, i64 %v288
  store <16 x float> %v203, ptr %v289, align 4
  %v290 = load <16 x float>, ptr %frame35, align 4
  %v291 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v203, <16 x float> zeroinitializer, <16 x float> %v290)
  store <16 x float> %v291, ptr %frame35, align 4
  br label %end283
end283:
  %v292 = icmp slt i64 8, %v88
  br i1 %v292, label %then293, label %end294
then293:
  %v295 = add nsw i64 %v140, 8
  %v296 = mul nsw i64 %v295, 8
  %v297 = getelementptr inbounds i8, ptr %v28, i64 %v296
  %v298 = load i64, ptr %v297, align 8
  %v299 = mul nsw i64 %v298, 64
  %v300 = getelementptr inbounds i8, ptr %v66, i64 %v299
  store <16 x float> %v190, ptr %v300, align 4
  %v301 = load <16 x float>, ptr %frame35, align 4
  %v302 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v190, <16 x float> zeroinitializer, <16 x float> %v301)
  store <16 x float> %v302, ptr %frame35, align 4
  br label %end294
end294:
  %v303 = icmp slt i64 9, %v88
  br i1 %v303, label %then304, label %end305
then304:
  %v306 = add nsw i64 %v140, 9
  %v307 = mul nsw i64 %v306, 8
  %v308 = getelementptr inbounds i8, ptr %v28, i64 %v307
  %v309 = load i64, ptr %v308, align 8
  %v310 = mul nsw i64 %v309, 64
  %v311 = getelementptr inbounds i8, ptr %v66, i64 %v310
  store <16 x float> %v192, ptr %v311, align 4
  %v312 = load <16 x float>, ptr %frame35, align 4
  %v313 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v192, <16 x float> zeroinitializer, <16 x float> %v312)
  store <16 x float> %v313, ptr %frame35, align 4
  br label %end305
end305:
  %v314 = icmp slt i64 10, %v88
  br i1 %v314, label %then315, label %end316
then315:
  %v317 = add nsw i64 %v140, 10
  %v318 = mul nsw i64 %v317, 8
  %v319 = getelementptr inbounds i8, ptr %v28, i64 %v318
  %v320 = load i64, ptr %v319, align 8
  %v321 = mul nsw i64 %v320, 64
  %v322 = getelementptr inbounds i8, ptr %v66, i64 %v321
  store <16 x float> %v194, ptr %v322, align 4
  %v323 = load <16 x float>, ptr %frame35, align 4
  %v324 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v194, <16 x float> zeroinitializer, <16 x float> %v323)
  store <16 x float> %v324, ptr %frame35, align 4
  br label %end316
end316:
  %v325 = icmp slt i64 11, %v88
  br i1 %v325, label %then326, label %end327
then326:
  %v328 = add nsw i64 %v140, 11
  %v329 = mul nsw i64 %v328, 8
  %v330 = getelementptr inbounds i8, ptr %v28, i64 %v329
  %v331 = load i64, ptr %v330, align 8
  %v332 = mul nsw i64 %v331, 64
  %v333 = getelementptr inbounds i8, ptr %v66, i64 %v332
  store <16 x float> %v196, ptr %v333, align 4
  %v334 = load <16 x float>, ptr %frame35, align 4
  %v335 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v196, <16 x float> zeroinitializer, <16 x float> %v334)
  store <16 x float> %v335, ptr %frame35, align 4
  br label %end327
end327:
  %v336 = icmp slt i64 12, %v88
  br i1 %v336, label %then337, label %end338
then337:
  %v339 = add nsw i64 %v140, 12
  %v340 = mul nsw i64 %v339, 8
  %v341 = getelementptr inbounds i8, ptr %v28, i64 %v340
  %v342 = load i64, ptr %v341, align 8
  %v343 = mul nsw i64 %v342, 64
  %v344 = getelementptr inbounds i8, ptr %v66, i64 %v343
  store <16 x float> %v198, ptr %v344, align 4
  %v345 = load <16 x float>, ptr %frame35, align 4
  %v346 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v198, <16 x float> zeroinitializer, <16 x float> %v345)
  store <16 x float> %v346, ptr %frame35, align 4
  br label %end338
end338:
  %v347 = icmp slt i64 13, %v88
  br i1 %v347, label %then348, label %end349
then348:
  %v350 = add nsw i64 %v140, 13
  %v351 = mul nsw i64 %v350, 8
  %v352 = getelementptr inbounds i8, ptr %v28, i64 %v351
  %v353 = load i64, ptr %v352, align 8
  %v354 = mul nsw i64 %v353, 64
  %v355 = getelementptr inbounds i8, ptr %v66, i64 %v354
  store <16 x float> %v200, ptr %v355, align 4
  %v356 = load <16 x float>, ptr %frame35, align 4
  %v357 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v200, <16 x float> zeroinitializer, <16 x float> %v356)
  store <16 x float> %v357, ptr %frame35, align 4
  br label %end349
end349:
  %v358 = icmp slt i64 14, %v88
  br i1 %v358, label %then359, label %end360
then359:
  %v361 = add nsw i64 %v140, 14
  %v362 = mul nsw i64 %v361, 8
  %v363 = getelementptr inbounds i8, ptr %v28, i64 %v362
  %v364 = load i64, ptr %v363, align 8
  %v365 = mul nsw i64 %v364, 64
  %v366 = getelementptr inbounds i8, ptr %v66, i64 %v365
  store <16 x float> %v202, ptr %v366, align 4
  %v367 = load <16 x float>, ptr %frame35, align 4
  %v368 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v202, <16 x float> zeroinitializer, <16 x float> %v367)
  store <16 x float> %v368, ptr %frame35, align 4
  br label %end360
end360:
  %v369 = icmp slt i64 15, %v88
  br i1 %v369, label %then370, label %end371
then370:
  %v372 = add nsw i64 %v140, 15
  %v373 = mul nsw i64 %v372, 8
  %v374 = getelementptr inbounds i8, ptr %v28, i64 %v373
  %v375 = load i64, ptr %v374, align 8
  %v376 = mul nsw i64 %v375, 64
  %v377 = getelementptr inbounds i8, ptr %v66, i64 %v376
  store <16 x float> %v204, ptr %v377, align 4
  %v378 = load <16 x float>, ptr %frame35, align 4
  %v379 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v204, <16 x float> zeroinitializer, <16 x float> %v378)
  store <16 x float> %v379, ptr %frame35, align 4
  br label %end371
end371:
  %v380 = add nsw i64 %i84, 16
  br label %head81
end83:
  %v381 = add nsw i64 %i74, 1
  br label %head71
end73:
  br label %end70
else69:
  br label %head382
head382:
  %i385 = phi i64 [ %v45, %else69 ], [ %v420, %end394 ]
  %v386 = icmp slt i64 %i385, %v47
  br i1 %v386, label %body383, label %end384
body383:
  %v387 = mul nsw i64 %i385, 8
  %v388 = getelementptr inbounds i8, ptr %v26, i64 %v387
  %v389 = load i64, ptr %v388, align 8
  %v390 = getelementptr inbounds i8, ptr %v63, i64 %v389
  %v391 = mul nsw i64 %i385, %v12
  br label %head392
head392:
  %i395 = phi i64 [ 0, %body383 ], [ %v419, %end407 ]
  %v396 = icmp slt i64 %i395, %v12
  br i1 %v396, label %body393, label %end394
body393:
  %v397 = add nsw i64 %v391, %i395
  %v398 = mul nsw i64 %v397, 8
  %v399 = getelementptr inbounds i8, ptr %v28, i64 %v398
  %v400 = load i64, ptr %v399, align 8
  %v401 = mul nsw i64 %v400, 64
  %v402 = getelementptr inbounds i8, ptr %v66, i64 %v401
  store <16 x float> zeroinitializer, ptr %v402, align 4
  %v403 = mul nsw i64 %i395, 4
  %v404 = getelementptr inbounds i8, ptr %v390, i64 %v403
  br label %head405
head405:
  %i408 = phi i64 [ 0, %body393 ], [ %v415, %body406 ]
  %v409 = icmp slt i64 %i408, %v64
  br i1 %v409, label %body406, label %end407
body406:
  %v410 = mul nsw i64 %i408, %v20
  %v411 = getelementptr inbounds i8, ptr %v404, i64 %v410
  %v412 = load float, ptr %v411, align 1
  %v413 = mul nsw i64 %i408, 4
  %v414 = getelementptr inbounds i8, ptr %v402, i64 %v413
  store float %v412, ptr %v414, align 4
  %v415 = add nsw i64 %i408, 1
  br label %head405
end407:
  %v416 = load <16 x float>, ptr %v402, align 4
  %v417 = load <16 x float>, ptr %frame35, align 4
  %v418 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v416, <16 x float> zeroinitializer, <16 x float> %v417)
  store <16 x float> %v418, ptr %frame35, align 4
  %v419 = add nsw i64 %i395, 1
  br label %head392
end394:
  %v420 = add nsw i64 %i385, 1
  br label %head382
end384:
  br label %end70
end70:
  %v421 = add nsw i64 %i56, 16
  br label %head53
end55:
  %v422 = load <16 x float>, ptr %frame35, align 4
  %v423 = fcmp uno <16 x float> %v422, zeroinitializer
  %v424 = bitcast <16 x i1> %v423 to i16
  %v425 = icmp ne i16 %v424, 0
  br i1 %v425, label %then426, label %end427
then426:
  store i64 1, ptr %v34, align 8
  br label %end427
end427:
  br label %draw36
drawn38:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
