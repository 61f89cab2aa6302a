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
  %i56 = phi i64 [ 0, %item37 ], [ %v438, %end70 ]
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
  %i74 = phi i64 [ %v45, %then68 ], [ %v397, %end83 ]
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
  %i84 = phi i64 [ 0, %body72 ], [ %v396, %end386 ]
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
  %v214 = fmul <16 x float> %v189, zeroinitializer
  %v215 = fadd <16 x float> %v213, %v214
  store <16 x float> %v215, ptr %frame35, align 4
  br label %end207
end207:
  %v216 = icmp slt i64 1, %v88
  br i1 %v216, label %then217, label %end218
then217:
  %v219 = add nsw i64 %v140, 1
  %v220 = mul nsw i64 %v219, 8
  %v221 = getelementptr inbounds i8, ptr %v28, i64 %v220
  %v222 = load i64, ptr %v221, align 8
  %v223 = mul nsw i64 %v222, 64
  %v224 = getelementptr inbounds i8, ptr %v66, i64 %v223
  store <16 x float> %v191, ptr %v224, align 4
  %v225 = load <16 x float>, ptr %frame35, align 4
  %v226 = fmul <16 x float> %v191, zeroinitializer
  %v227 = fadd <16 x float> %v225, %v226
  store <16 x float> %v227, ptr %frame35, align 4
  br label %end218
end218:
  %v228 = icmp slt i64 2, %v88
  br i1 %v228, label %then229, label %end230
then229:
  %v231 = add nsw i64 %v140, 2
  %v232 = mul nsw i64 %v231, 8
  %v233 = getelementptr inbounds i8, ptr %v28, i64 %v232
  %v234 = load i64, ptr %v233, align 8
  %v235 = mul nsw i64 %v234, 64
  %v236 = getelementptr inbounds i8, ptr %v66, i64 %v235
  store <16 x float> %v193, ptr %v236, align 4
  %v237 = load <16 x float>, ptr %frame35, align 4
  %v238 = fmul <16 x float> %v193, zeroinitializer
  %v239 = fadd <16 x float> %v237, %v238
  store <16 x float> %v239, ptr %frame35, align 4
  br label %end230
end230:
  %v240 = icmp slt i64 3, %v88
  br i1 %v240, label %then241, label %end242
then241:
  %v243 = add nsw i64 %v140, 3
  %v244 = mul nsw i64 %v243, 8
  %v245 = getelementptr inbounds i8, ptr %v28, i64 %v244
  %v246 = load i64, ptr %v245, align 8
  %v247 = mul nsw i64 %v246, 64
  %v248 = getelementptr inbounds i8, ptr %v66, i64 %v247
  store <16 x float> %v195, ptr %v248, align 4
  %v249 = load <16 x float>, ptr %frame35, align 4
  %v250 = fmul <16 x float> %v195, zeroinitializer
  %v251 = fadd <16 x float> %v249, %v250
  store <16 x float> %v251, ptr %frame35, align 4
  br label %end242
end242:
  %v252 = icmp slt i64 4, %v88
  br i1 %v252, label %then253, label %end254
then253:
  %v255 = add nsw i64 %v140, 4
  %v256 = mul nsw i64 %v255, 8
  %v257 = getelementptr inbounds i8, ptr %v28, i64 %v256
  %v258 = load i64, ptr %v257, align 8
  %v259 = mul nsw i64 %v258, 64
  %v260 = getelementptr inbounds i8, ptr %v66, i64 %v259
  store <16 x float> %v197, ptr %v260, align 4
  %v261 = load <16 x float>, ptr %frame35, align 4
  %v262 = fmul <16 x float> %v197, zeroinitializer
  %v263 = fadd <16 x float> %v261, %v262
  store <16 x float> %v263, ptr %frame35, align 4
  br label %end254
end254:
  %v264 = icmp slt i64 5, %v88
  br i1 %v264, label %then265, label %end266
then265:
  %v267 = add nsw i64 %v140, 5
  %v268 = mul nsw i64 %v267, 8
  %v269 = getelementptr inbounds i8, ptr %v28, i64 %v268
  %v270 = load i64, ptr %v269, align 8
  %v271 = mul nsw i64 %v270, 64
  %v272 = getelementptr inbounds i8, ptr %v66, i64 %v271
  store <16 x float> %v199, ptr %v272, align 4
  %v273 = load <16 x float>, ptr %frame35, align 4
  %v274 = fmul <16 x float> %v199, zeroinitializer
  %v275 = fadd <16 x float> %v273, %v274
  store <16 x float> %v275, ptr %frame35, align 4
  br label %end266
end266:
  %v276 = icmp slt i64 6, %v88
  br i1 %v276, label %then277, label %end278
then277:
  %v279 = add nsw i64 %v140, 6
  %v280 = mul nsw i64 %v279, 8
  %v281 = getelementptr inbounds i8, ptr %v28, i64 %v280
  %v282 = load i64, ptr %v281, align 8
  %v283 = mul nsw i64 %v282, 64
  %v284 = getelementptr inbounds i8, ptr %v66, i64 %v283
  store <16 x float> %v201, ptr %v284, align 4
  %v285 = load <16 x float>, ptr %frame35, align 4
  %v286 = fmul <16 x float> %v201, zeroinitializer
  %v287 = fadd <16 x float> %v285, %v286
  store <16 x float> %v287, ptr %frame35, align 4
  br label %end278
end278:
  %v288 = icmp slt i64 7, %v88
  br i1 %v288, label %then289, label %end290
then289:
  %v291 = add nsw i64 %v140, 7
  %v292 = mul nsw i64 %v291, 8
  %v293 = getelementptr inbounds i8, ptr %v28, i64 %v292
  %v294 = load i64, ptr %v293, align 8
  %v295 = mul nsw i64 %v294, 64
  %v296 = getelementptr inbounds i8, ptr %v66, i64 %v295
  store <16 x float> %v203, ptr %v296, align 4
  %v297 = load <16 x float>, ptr %frame35, align 4
  %v298 = fmul <16 x float> %v203, zeroinitializer
  %v299 = fadd <16 x float> %v297, %v298
  store <16 x float> %v299, ptr %frame35, align 4
  br label %end290
end290:
  %v300 = icmp slt i64 8, %v88
  br i1 %v300, label %then301, label %end302
then301:
  %v303 = add nsw i64 %v140, 8
  %v304 = mul nsw i64 %v303, 8
  %v305 = getelementptr inbounds i8, ptr %v28, i64 %v304
  %v306 = load i64, ptr %v305, align 8
  %v307 = mul nsw i64 %v306, 64
  %v308 = getelementptr inbounds i8, ptr %v66, i64 %v307
  store <16 x float> %v190, ptr %v308, align 4
  %v309 = load <16 x float>, ptr %frame35, align 4
  %v310 = fmul <16 x float> %v190, zeroinitializer
  %v311 = fadd <16 x float> %v309, %v310
  store <16 x float> %v311, ptr %frame35, align 4
  br label %end302
end302:
  %v312 = icmp slt i64 9, %v88
  br i1 %v312, label %then313, label %end314
then313:
  %v315 = add nsw i64 %v140, 9
  %v316 = mul nsw i64 %v315, 8
  %v317 = getelementptr inbounds i8, ptr %v28, i64 %v316
  %v318 = load i64, ptr %v317, align 8
  %v319 = mul nsw i64 %v318, 64
  %v320 = getelementptr inbounds i8, ptr %v66, i64 %v319
  store <16 x float> %v192, ptr %v320, align 4
  %v321 = load <16 x float>, ptr %frame35, align 4
  %v322 = fmul <16 x float> %v192, zeroinitializer
  %v323 = fadd <16 x float> %v321, %v322
  store <16 x float> %v323, ptr %frame35, align 4
  br label %end314
end314:
  %v324 = icmp slt i64 10, %v88
  br i1 %v324, label %then325, label %end326
then325:
  %v327 = add nsw i64 %v140, 10
  %v328 = mul nsw i64 %v327, 8
  %v329 = getelementptr inbounds i8, ptr %v28, i64 %v328
  %v330 = load i64, ptr %v329, align 8
  %v331 = mul nsw i64 %v330, 64
  %v332 = getelementptr inbounds i8, ptr %v66, i64 %v331
  store <16 x float> %v194, ptr %v332, align 4
  %v333 = load <16 x float>, ptr %frame35, align 4
  %v334 = fmul <16 x float> %v194, zeroinitializer
  %v335 = fadd <16 x float> %v333, %v334
  store <16 x float> %v335, ptr %frame35, align 4
  br label %end326
end326:
  %v336 = icmp slt i64 11, %v88
  br i1 %v336, label %then337, label %end338
then337:
  %v339 = add nsw i64 %v140, 11
  %v340 = mul nsw i64 %v339, 8
  %v341 = getelementptr inbounds i8, ptr %v28, i64 %v340
  %v342 = load i64, ptr %v341, align 8
  %v343 = mul nsw i64 %v342, 64
  %v344 = getelementptr inbounds i8, ptr %v66, i64 %v343
  store <16 x float> %v196, ptr %v344, align 4
  %v345 = load <16 x float>, ptr %frame35, align 4
  %v346 = fmul <16 x float> %v196, zeroinitializer
  %v347 = fadd <16 x float> %v345, %v346
  store <16 x float> %v347, ptr %frame35, align 4
  br label %end338
end338:
  %v348 = icmp slt i64 12, %v88
  br i1 %v348, label %then349, label %end350
then349:
  %v351 = add nsw i64 %v140, 12
  %v352 = mul nsw i64 %v351, 8
  %v353 = getelementptr inbounds i8, ptr %v28, i64 %v352
  %v354 = load i64, ptr %v353, align 8
  %v355 = mul nsw i64 %v354, 64
  %v356 = getelementptr inbounds i8, ptr %v66, i64 %v355
  store <16 x float> %v198, ptr %v356, align 4
  %v357 = load <16 x float>, ptr %frame35, align 4
  %v358 = fmul <16 x float> %v198, zeroinitializer
  %v359 = fadd <16 x float> %v357, %v358
  store <16 x float> %v359, ptr %frame35, align 4
  br label %end350
end350:
  %v360 = icmp slt i64 13, %v88
  br i1 %v360, label %then361, label %end362
then361:
  %v363 = add nsw i64 %v140, 13
  %v364 = mul nsw i64 %v363, 8
  %v365 = getelementptr inbounds i8, ptr %v28, i64 %v364
  %v366 = load i64, ptr %v365, align 8
  %v367 = mul nsw i64 %v366, 64
  %v368 = getelementptr inbounds i8, ptr %v66, i64 %v367
  store <16 x float> %v200, ptr %v368, align 4
  %v369 = load <16 x float>, ptr %frame35, align 4
  %v370 = fmul <16 x float> %v200, zeroinitializer
  %v371 = fadd <16 x float> %v369, %v370
  store <16 x float> %v371, ptr %frame35, align 4
  br label %end362
end362:
  %v372 = icmp slt i64 14, %v88
  br i1 %v372, label %then373, label %end374
then373:
  %v375 = add nsw i64 %v140, 14
  %v376 = mul nsw i64 %v375, 8
  %v377 = getelementptr inbounds i8, ptr %v28, i64 %v376
  %v378 = load i64, ptr %v377, align 8
  %v379 = mul nsw i64 %v378, 64
  %v380 = getelementptr inbounds i8, ptr %v66, i64 %v379
  store <16 x float> %v202, ptr %v380, align 4
  %v381 = load <16 x float>, ptr %frame35, align 4
  %v382 = fmul <16 x float> %v202, zeroinitializer
  %v383 = fadd <16 x float> %v381, %v382
  store <16 x float> %v383, ptr %frame35, align 4
  br label %end374
end374:
  %v384 = icmp slt i64 15, %v88
  br i1 %v384, label %then385, label %end386
then385:
  %v387 = add nsw i64 %v140, 15
  %v388 = mul nsw i64 %v387, 8
  %v389 = getelementptr inbounds i8, ptr %v28, i64 %v388
  %v390 = load i64, ptr %v389, align 8
  %v391 = mul nsw i64 %v390, 64
  %v392 = getelementptr inbounds i8, ptr %v66, i64 %v391
  store <16 x float> %v204, ptr %v392, align 4
  %v393 = load <16 x float>, ptr %frame35, align 4
  %v394 = fmul <16 x float> %v204, zeroinitializer
  %v395 = fadd <16 x float> %v393, %v394
  store <16 x float> %v395, ptr %frame35, align 4
  br label %end386
end386:
  %v396 = add nsw i64 %i84, 16
  br label %head81
end83:
  %v397 = add nsw i64 %i74, 1
  br label %head71
end73:
  br label %end70
else69:
  br label %head398
head398:
  %i401 = phi i64 [ %v45, %else69 ], [ %v437, %end410 ]
  %v402 = icmp slt i64 %i401, %v47
  br i1 %v402, label %body399, label %end400
body399:
  %v403 = mul nsw i64 %i401, 8
  %v404 = getelementptr inbounds i8, ptr %v26, i64 %v403
  %v405 = load i64, ptr %v404, align 8
  %v406 = getelementptr inbounds i8, ptr %v63, i64 %v405
  %v407 = mul nsw i64 %i401, %v12
  br label %head408
head408:
  %i411 = phi i64 [ 0, %body399 ], [ %v436, %end423 ]
  %v412 = icmp slt i64 %i411, %v12
  br i1 %v412, label %body409, label %end410
body409:
  %v413 = add nsw i64 %v407, %i411
  %v414 = mul nsw i64 %v413, 8
  %v415 = getelementptr inbounds i8, ptr %v28, i64 %v414
  %v416 = load i64, ptr %v415, align 8
  %v417 = mul nsw i64 %v416, 64
  %v418 = getelementptr inbounds i8, ptr %v66, i64 %v417
  store <16 x float> zeroinitializer, ptr %v418, align 4
  %v419 = mul nsw i64 %i411, 4
  %v420 = getelementptr inbounds i8, ptr %v406, i64 %v419
  br label %head421
head421:
  %i424 = phi i64 [ 0, %body409 ], [ %v431, %body422 ]
  %v425 = icmp slt i64 %i424, %v64
  br i1 %v425, label %body422, label %end423
body422:
  %v426 = mul nsw i64 %i424, %v20
  %v427 = getelementptr inbounds i8, ptr %v420, i64 %v426
  %v428 = load float, ptr %v427, align 1
  %v429 = mul nsw i64 %i424, 4
  %v430 = getelementptr inbounds i8, ptr %v418, i64 %v429
  store float %v428, ptr %v430, align 4
  %v431 = add nsw i64 %i424, 1
  br label %head421
end423:
  %v432 = load <16 x float>, ptr %v418, align 4
  %v433 = load <16 x float>, ptr %frame35, align 4
  %v434 = fmul <16 x float> %v432, zeroinitializer
  %v435 = fadd <16 x float> %v433, %v434
  store <16 x float> %v435, ptr %frame35, align 4
  %v436 = add nsw i64 %i411, 1
  br label %head408
end410:
  %v437 = add nsw i64 %i401, 1
  br label %head398
end400:
  br label %end70
end70:
  %v438 = add nsw i64 %i56, 16
  br label %head53
end55:
  %v439 = load <16 x float>, ptr %frame35, align 4
  %v440 = fcmp uno <16 x float> %v439, zeroinitializer
  %v441 = bitcast <16 x i1> %v440 to i16
  %v442 = icmp ne i16 %v441, 0
  br i1 %v442, label %then443, label %end444
then443:
  store i64 1, ptr %v34, align 8
  br label %end444
end444:
  br label %draw36
drawn38:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
