declare i64 @llvm.smin.i64(i64, i64)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare i64 @llvm.smax.i64(i64, i64)
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, <16 x i1>, <16 x float>)
declare void @llvm.masked.store.v16f32.p0(<16 x float>, ptr, <16 x i1>)

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
  %v32 = load i64, ptr %v31, align 8
  %v33 = getelementptr inbounds i8, ptr %args, i64 160
  %v34 = load i64, ptr %v33, align 8
  %v35 = getelementptr inbounds i8, ptr %args, i64 168
  %v36 = load i64, ptr %v35, align 8
  %v37 = getelementptr inbounds i8, ptr %args, i64 176
  %v38 = load ptr, ptr %v37, align 8
  %v39 = getelementptr inbounds i8, ptr %args, i64 184
  %v40 = load ptr, ptr %v39, align 8
  %v41 = add nsw i64 %v32, %v34
  %v42 = add nsw i64 %v41, %v36
  %v43 = mul nsw i64 %v42, 4
  %v44 = add nsw i64 %threads, 1
  %v45 = udiv i64 %v44, 2
  %v46 = call i64 @llvm.smin.i64(i64 %v45, i64 4)
  %v47 = icmp sge i64 %v2, 2147483648
  %v48 = urem i64 %thread, 2
  %v49 = icmp eq i64 %v48, 1
  %v50 = select i1 %v47, i1 false, i1 %v49
  %v51 = select i1 %v50, i64 4294967296, i64 1
  br label %head52
head52:
  %i55 = phi i64 [ 0, %entry ], [ %v149, %drawn70 ]
  %v56 = icmp slt i64 %i55, %v46
  br i1 %v56, label %body53, label %end54
body53:
  %v57 = udiv i64 %thread, 2
  %v58 = add nsw i64 %v57, %i55
  %v59 = urem i64 %v58, %v46
  %v60 = mul nsw i64 %v2, %v59
  %v61 = udiv i64 %v60, %v46
  %v62 = add nsw i64 %v59, 1
  %v63 = mul nsw i64 %v2, %v62
  %v64 = udiv i64 %v63, %v46
  %v65 = sub nsw i64 %v64, %v61
  %v66 = mul nsw i64 %v59, 8
  %v67 = getelementptr inbounds i8, ptr %args, i64 %v66
  br label %draw68
draw68:
  %v71 = atomicrmw add ptr %v67, i64 %v51 monotonic
  %v72 = lshr i64 %v71, 32
  %v73 = select i1 %v47, i64 0, i64 %v72
  %v74 = mul nsw i64 %v73, 4294967296
  %v75 = sub nsw i64 %v71, %v74
  %v76 = add nsw i64 %v73, %v75
  %v77 = icmp slt i64 %v76, %v65
  br i1 %v77, label %item69, label %drawn70
item69:
  %v78 = add nsw i64 %v65, -1
  %v79 = sub nsw i64 %v78, %v73
  %v80 = select i1 %v50, i64 %v79, i64 %v75
  %v81 = add nsw i64 %v61, %v80
  %v82 = mul nsw i64 %v81, %v4
  %v83 = add nsw i64 %v82, %v4
  %v84 = call i64 @llvm.smin.i64(i64 %v83, i64 %v6)
  br label %head85
head85:
  %i88 = phi i64 [ %v82, %item69 ], [ %v148, %end113 ]
  %v89 = icmp slt i64 %i88, %v84
  br i1 %v89, label %body86, label %end87
body86:
  %v90 = urem i64 %i88, %v12
  %v91 = udiv i64 %i88, %v12
  %v92 = urem i64 %v91, %v10
  %v93 = udiv i64 %v91, %v10
  %v94 = urem i64 %v93, %v8
  %v95 = udiv i64 %v93, %v8
  %v96 = add nsw i64 %v92, %v14
  %v97 = add nsw i64 %v90, %v16
  %v98 = mul nsw i64 %i88, %v43
  %v99 = getelementptr inbounds i8, ptr %v40, i64 %v98
  %v100 = icmp ult i64 %v96, %v18
  %v101 = icmp ult i64 %v97, %v20
  %v102 = and i1 %v100, %v101
  %v103 = mul nsw i64 %v95, %v22
  %v104 = mul nsw i64 %v94, %v24
  %v105 = mul nsw i64 %v96, %v26
  %v106 = mul nsw i64 %v97, %v28
  %v107 = add nsw i64 %v103, %v104
  %v108 = add nsw i64 %v107, %v105
  %v109 = add nsw i64 %v108, %v106
  %v110 = getelementptr inbounds i8, ptr %v38, i64 %v109
  br i1 %v102, label %then111, label %else112
then111:
  %v114 = mul nsw i64 %v32, 4
  call void @llvm.memset.p0.i64(ptr %v99, i8 0, i64 %v114, i1 false)
  %v115 = mul nsw i64 %v32, 4
  %v116 = getelementptr inbounds i8, ptr %v99, i64 %v115
  %v117 = udiv i64 %v34, 16
  %v118 = mul nsw i64 %v117, 16
  br label %head119
head119:
  %i122 = phi i64 [ 0, %then111 ], [ %v129, %body120 ]
  %v123 = icmp slt i64 %i122, %v118
  br i1 %v123, label %body120, label %end121
body120:
  %v124 = mul nsw i64 %i122, 4
  %v125 = getelementptr inbounds i8, ptr %v110, i64 %v124
  %v126 = load <16 x float>, ptr %v125, align 1
  %v127 = mul nsw i64 %i122, 4
  %v128 = getelementptr inbounds i8, ptr %v116, i64 %v127
  store <16 x float> %v126, ptr %v128, align 4
  %v129 = add nsw i64 %i122, 16
  br label %head119
end121:
  %v130 = icmp slt i64 %v118, %v34
  br i1 %v130, label %then131, label %end132
then131:
  %v133 = sub nsw i64 %v34, %v118
  %v134 = call i64 @llvm.smin.i64(i64 %v133, i64 16)
  %v135 = call i64 @llvm.smax.i64(i64 %v134, i64 0)
  %v136 = trunc i64 %v135 to i32
  %v137 = insertelement <16 x i32> poison, i32 %v136, i64 0
  %v138 = shufflevector <16 x i32> %v137, <16 x i32> poison, <16 x i32> zeroinitializer
  %v139 = icmp sgt <16 x i32> %v138, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v140 = mul nsw i64 %v118, 4
  %v141 = getelementptr inbounds i8, ptr %v110, i64 %v140
  %v142 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v141, <16 x i1> %v139, <16 x float> zeroinitializer)
  %v143 = mul nsw i64 %v118, 4
  %v144 = getelementptr inbounds i8, ptr %v116, i64 %v143
  call void @llvm.masked.store.v16f32.p0(<16 x float> %v142, ptr align 1 %v144, <16 x i1> %v139)
  br label %end132
end132:
  %v145 = mul nsw i64 %v34, 4
  %v146 = getelementptr inbounds i8, ptr %v116, i64 %v145
  %v147 = mul nsw i64 %v36, 4
  call void @llvm.memset.p0.i64(ptr %v146, i8 0, i64 %v147, i1 false)
  br label %end113
else112:
  call void @llvm.memset.p0.i64(ptr %v99, i8 0, i64 %v43, i1 false)
  br label %end113
end113:
  %v148 = add nsw i64 %i88, 1
  br label %head85
end87:
  br label %draw68
drawn70:
  %v149 = add nsw i64 %i55, 1
  br label %head52
end54:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }

; ---- next step ----
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, <16 x i1>, <16 x float>)

define  void @tilewise_kernel(ptr noalias %args, i64 %thread, i64 %threads) #0 {
entry:
  %frame35 = alloca [64 x i8], align 64
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
  %v26 = load ptr, ptr %v25, align 8
  %v27 = getelementptr inbounds i8, ptr %args, i64 136
  %v28 = load ptr, ptr %v27, align 8
  %v29 = getelementptr inbounds i8, ptr %args, i64 144
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i8, ptr %args, i64 152
  %v32 = load ptr, ptr %v31, align 8
  %v33 = getelementptr inbounds i8, ptr %args, i64 160
  %v34 = load ptr, ptr %v33, align 8
  %v36 = add nsw i64 %threads, 1
  %v37 = udiv i64 %v36, 2
  %v38 = call i64 @llvm.smin.i64(i64 %v37, i64 4)
  %v39 = icmp sge i64 %v2, 2147483648
  %v40 = urem i64 %thread, 2
  %v41 = icmp eq i64 %v40, 1
  %v42 = select i1 %v39, i1 false, i1 %v41
  %v43 = select i1 %v42, i64 4294967296, i64 1
  br label %head44
head44:
  %i47 = phi i64 [ 0, %entry ], [ %v478, %drawn62 ]
  %v48 = icmp slt i64 %i47, %v38
  br i1 %v48, label %body45, label %end46
body45:
  %v49 = udiv i64 %thread, 2
  %v50 = add nsw i64 %v49, %i47
  %v51 = urem i64 %v50, %v38
  %v52 = mul nsw i64 %v2, %v51
  %v53 = udiv i64 %v52, %v38
  %v54 = add nsw i64 %v51, 1
  %v55 = mul nsw i64 %v2, %v54
  %v56 = udiv i64 %v55, %v38
  %v57 = sub nsw i64 %v56, %v53
  %v58 = mul nsw i64 %v51, 8
  %v59 = getelementptr inbounds i8, ptr %args, i64 %v58
  br label %draw60
draw60:
  %v63 = atomicrmw add ptr %v59, i64 %v43 monotonic
  %v64 = lshr i64 %v63, 32
  %v65 = select i1 %v39, i64 0, i64 %v64
  %v66 = mul nsw i64 %v65, 4294967296
  %v67 = sub nsw i64 %v63, %v66
  %v68 = add nsw i64 %v65, %v67
  %v69 = icmp slt i64 %v68, %v57
  br i1 %v69, label %item61, label %drawn62
item61:
  %v70 = add nsw i64 %v57, -1
  %v71 = sub nsw i64 %v70, %v65
  %v72 = select i1 %v42, i64 %v71, i64 %v67
  %v73 = add nsw i64 %v53, %v72
  %v74 = urem i64 %v73, %v6
  %v75 = udiv i64 %v73, %v6
  %v76 = urem i64 %v75, %v4
  %v77 = udiv i64 %v75, %v4
  %v78 = mul nsw i64 %v74, %v8
  %v79 = add nsw i64 %v78, %v8
  %v80 = call i64 @llvm.smin.i64(i64 %v79, i64 %v10)
  %v81 = mul nsw i64 %v77, %v4
  %v82 = add nsw i64 %v81, %v76
  %v83 = mul nsw i64 %v82, %v14
  %v84 = mul nsw i64 %v83, 64
  store <16 x float> zeroinitializer, ptr %frame35, align 4
  %v85 = getelementptr inbounds i8, ptr %v32, i64 %v84
  br label %head86
head86:
  %i89 = phi i64 [ 0, %item61 ], [ %v471, %end103 ]
  %v90 = icmp slt i64 %i89, 16
  br i1 %v90, label %body87, label %end88
body87:
  %v91 = mul nsw i64 %v76, 16
  %v92 = add nsw i64 %v91, %i89
  %v93 = mul nsw i64 %v77, %v18
  %v94 = mul nsw i64 %v92, %v20
  %v95 = add nsw i64 %v93, %v94
  %v96 = getelementptr inbounds i8, ptr %v30, i64 %v95
  %v97 = sub nsw i64 %v16, %v92
  %v98 = mul nsw i64 %i89, 4
  %v99 = getelementptr inbounds i8, ptr %v85, i64 %v98
  %v100 = icmp sge i64 %v97, 16
  br i1 %v100, label %then101, label %else102
then101:
  br label %head104
head104:
  %i107 = phi i64 [ %v78, %then101 ], [ %v430, %end116 ]
  %v108 = icmp slt i64 %i107, %v80
  br i1 %v108, label %body105, label %end106
body105:
  %v109 = mul nsw i64 %i107, 8
  %v110 = getelementptr inbounds i8, ptr %v26, i64 %v109
  %v111 = load i64, ptr %v110, align 8
  %v112 = getelementptr inbounds i8, ptr %v96, i64 %v111
  %v113 = mul nsw i64 %i107, %v12
  br label %head114
head114:
  %i117 = phi i64 [ 0, %body105 ], [ %v429, %end419 ]
  %v118 = icmp slt i64 %i117, %v12
  br i1 %v118, label %body115, label %end116
body115:
  %v119 = mul nsw i64 %i117, 4
  %v120 = getelementptr inbounds i8, ptr %v112, i64 %v119
  %v121 = sub nsw i64 %v12, %i117
  %v122 = call i64 @llvm.smin.i64(i64 %v121, i64 16)
  %v123 = call i64 @llvm.smax.i64(i64 %v122, i64 0)
  %v124 = trunc i64 %v123 to i32
  %v125 = insertelement <16 x i32> poison, i32 %v124, i64 0
  %v126 = shufflevector <16 x i32> %v125, <16 x i32> poison, <16 x i32> zeroinitializer
  %v127 = icmp sgt <16 x i32> %v126, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v128 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v120, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v129 = getelementptr inbounds i8, ptr %v120, i64 %v20
  %v130 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v129, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v131 = mul nsw i64 %v20, 2
  %v132 = getelementptr inbounds i8, ptr %v120, i64 %v131
  %v133 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v132, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v134 = mul nsw i64 %v20, 3
  %v135 = getelementptr inbounds i8, ptr %v120, i64 %v134
  %v136 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v135, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v137 = mul nsw i64 %v20, 4
  %v138 = getelementptr inbounds i8, ptr %v120, i64 %v137
  %v139 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v138, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v140 = mul nsw i64 %v20, 5
  %v141 = getelementptr inbounds i8, ptr %v120, i64 %v140
  %v142 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v141, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v143 = mul nsw i64 %v20, 6
  %v144 = getelementptr inbounds i8, ptr %v120, i64 %v143
  %v145 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v144, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v146 = mul nsw i64 %v20, 7
  %v147 = getelementptr inbounds i8, ptr %v120, i64 %v146
  %v148 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v147, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v149 = mul nsw i64 %v20, 8
  %v150 = getelementptr inbounds i8, ptr %v120, i64 %v149
  %v151 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v150, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v152 = mul nsw i64 %v20, 9
  %v153 = getelementptr inbounds i8, ptr %v120, i64 %v152
  %v154 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v153, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v155 = mul nsw i64 %v20, 10
  %v156 = getelementptr inbounds i8, ptr %v120, i64 %v155
  %v157 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v156, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v158 = mul nsw i64 %v20, 11
  %v159 = getelementptr inbounds i8, ptr %v120, i64 %v158
  %v160 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v159, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v161 = mul nsw i64 %v20, 12
  %v162 = getelementptr inbounds i8, ptr %v120, i64 %v161
  %v163 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v162, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v164 = mul nsw i64 %v20, 13
  %v165 = getelementptr inbounds i8, ptr %v120, i64 %v164
  %v166 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v165, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v167 = mul nsw i64 %v20, 14
  %v168 = getelementptr inbounds i8, ptr %v120, i64 %v167
  %v169 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v168, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v170 = mul nsw i64 %v20, 15
  %v171 = getelementptr inbounds i8, ptr %v120, i64 %v170
  %v172 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v171, <16 x i1> %v127, <16 x float> zeroinitializer)
  %v173 = add nsw i64 %v113, %i117
  %v174 = shufflevector <16 x float> %v128, <16 x float> %v130, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v175 = shufflevector <16 x float> %v128, <16 x float> %v130, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v176 = shufflevector <16 x float> %v133, <16 x float> %v136, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v177 = shufflevector <16 x float> %v133, <16 x float> %v136, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v178 = shufflevector <16 x float> %v139, <16 x float> %v142, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v179 = shufflevector <16 x float> %v139, <16 x float> %v142, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v180 = shufflevector <16 x float> %v145, <16 x float> %v148, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v181 = shufflevector <16 x float> %v145, <16 x float> %v148, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v182 = shufflevector <16 x float> %v151, <16 x float> %v154, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v183 = shufflevector <16 x float> %v151, <16 x float> %v154, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v184 = shufflevector <16 x float> %v157, <16 x float> %v160, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v185 = shufflevector <16 x float> %v157, <16 x float> %v160, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v186 = shufflevector <16 x float> %v163, <16 x float> %v166, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v187 = shufflevector <16 x float> %v163, <16 x float> %v166, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v188 = shufflevector <16 x float> %v169, <16 x float> %v172, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v189 = shufflevector <16 x float> %v169, <16 x float> %v172, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v190 = shufflevector <16 x float> %v174, <16 x float> %v176, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v191 = shufflevector <16 x float> %v174, <16 x float> %v176, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v192 = shufflevector <16 x float> %v175, <16 x float> %v177, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v193 = shufflevector <16 x float> %v175, <16 x float> %v177, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v194 = shufflevector <16 x float> %v178, <16 x float> %v180, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v195 = shufflevector <16 x float> %v178, <16 x float> %v180, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v196 = shufflevector <16 x float> %v179, <16 x float> %v181, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v197 = shufflevector <16 x float> %v179, <16 x float> %v181, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v198 = shufflevector <16 x float> %v182, <16 x float> %v184, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v199 = shufflevector <16 x float> %v182, <16 x float> %v184, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v200 = shufflevector <16 x float> %v183, <16 x float> %v185, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v201 = shufflevector <16 x float> %v183, <16 x float> %v185, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v202 = shufflevector <16 x float> %v186, <16 x float> %v188, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v203 = shufflevector <16 x float> %v186, <16 x float> %v188, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v204 = shufflevector <16 x float> %v187, <16 x float> %v189, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v205 = shufflevector <16 x float> %v187, <16 x float> %v189, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v206 = shufflevector <16 x float> %v190, <16 x float> %v194, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v207 = shufflevector <16 x float> %v190, <16 x float> %v194, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v208 = shufflevector <16 x float> %v192, <16 x float> %v196, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v209 = shufflevector <16 x float> %v192, <16 x float> %v196, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v210 = shufflevector <16 x float> %v191, <16 x float> %v195, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v211 = shufflevector <16 x float> %v191, <16 x float> %v195, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v212 = shufflevector <16 x float> %v193, <16 x float> %v197, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v213 = shufflevector <16 x float> %v193, <16 x float> %v197, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v214 = shufflevector <16 x float> %v198, <16 x float> %v202, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v215 = shufflevector <16 x float> %v198, <16 x float> %v202, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v216 = shufflevector <16 x float> %v200, <16 x float> %v204, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v217 = shufflevector <16 x float> %v200, <16 x float> %v204, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v218 = shufflevector <16 x float> %v199, <16 x float> %v203, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v219 = shufflevector <16 x float> %v199, <16 x float> %v203, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v220 = shufflevector <16 x float> %v201, <16 x float> %v205, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v221 = shufflevector <16 x float> %v201, <16 x float> %v205, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v222 = shufflevector <16 x float> %v206, <16 x float> %v214, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v223 = shufflevector <16 x float> %v206, <16 x float> %v214, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v224 = shufflevector <16 x float> %v208, <16 x float> %v216, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v225 = shufflevector <16 x float> %v208, <16 x float> %v216, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v226 = shufflevector <16 x float> %v210, <16 x float> %v218, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v227 = shufflevector <16 x float> %v210, <16 x float> %v218, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v228 = shufflevector <16 x float> %v212, <16 x float> %v220, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v229 = shufflevector <16 x float> %v212, <16 x float> %v220, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v230 = shufflevector <16 x float> %v207, <16 x float> %v215, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v231 = shufflevector <16 x float> %v207, <16 x float> %v215, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v232 = shufflevector <16 x float> %v209, <16 x float> %v217, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v233 = shufflevector <16 x float> %v209, <16 x float> %v217, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v234 = shufflevector <16 x float> %v211, <16 x float> %v219, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v235 = shufflevector <16 x float> %v211, <16 x float> %v219, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v236 = shufflevector <16 x float> %v213, <16 x float> %v221, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v237 = shufflevector <16 x float> %v213, <16 x float> %v221, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v238 = icmp slt i64 0, %v121
  br i1 %v238, label %then239, label %end240
then239:
  %v241 = mul nsw i64 %v173, 8
  %v242 = getelementptr inbounds i8, ptr %v28, i64 %v241
  %v243 = load i64, ptr %v242, align 8
  %v244 = mul nsw i64 %v243, 64
  %v245 = getelementptr inbounds i8, ptr %v99, i64 %v244
  store <16 x float> %v222, ptr %v245, align 4
  %v246 = load <16 x float>, ptr %frame35, align 4
  %v247 = fmul <16 x float> %v222, zeroinitializer
  %v248 = fadd <16 x float> %v246, %v247
  store <16 x float> %v248, ptr %frame35, align 4
  br label %end240
end240:
  %v249 = icmp slt i64 1, %v121
  br i1 %v249, label %then250, label %end251
then250:
  %v252 = add nsw i64 %v173, 1
  %v253 = mul nsw i64 %v252, 8
  %v254 = getelementptr inbounds i8, ptr %v28, i64 %v253
  %v255 = load i64, ptr %v254, align 8
  %v256 = mul nsw i64 %v255, 64
  %v257 = getelementptr inbounds i8, ptr %v99, i64 %v256
  store <16 x float> %v224, ptr %v257, align 4
  %v258 = load <16 x float>, ptr %frame35, align 4
  %v259 = fmul <16 x float> %v224, zeroinitializer
  %v260 = fadd <16 x float> %v258, %v259
  store <16 x float> %v260, ptr %frame35, align 4
  br label %end251
end251:
  %v261 = icmp slt i64 2, %v121
  br i1 %v261, label %then262, label %end263
then262:
  %v264 = add nsw i64 %v173, 2
  %v265 = mul nsw i64 %v264, 8
  %v266 = getelementptr inbounds i8, ptr %v28, i64 %v265
  %v267 = load i64, ptr %v266, align 8
  %v268 = mul nsw i64 %v267, 64
  %v269 = getelementptr inbounds i8, ptr %v99, i64 %v268
  store <16 x float> %v226, ptr %v269, align 4
  %v270 = load <16 x float>, ptr %frame35, align 4
  %v271 = fmul <16 x float> %v226, zeroinitializer
  %v272 = fadd <16 x float> %v270, %v271
  store <16 x float> %v272, ptr %frame35, align 4
  br label %end263
end263:
  %v273 = icmp slt i64 3, %v121
  br i1 %v273, label %then274, label %end275
then274:
  %v276 = add nsw i64 %v173, 3
  %v277 = mul nsw i64 %v276, 8
  %v278 = getelementptr inbounds i8, ptr %v28, i64 %v277
  %v279 = load i64, ptr %v278, align 8
  %v280 = mul nsw i64 %v279, 64
  %v281 = getelementptr inbounds i8, ptr %v99, i64 %v280
  store <16 x float> %v228, ptr %v281, align 4
  %v282 = load <16 x float>, ptr %frame35, align 4
  %v283 = fmul <16 x float> %v228, zeroinitializer
  %v284 = fadd <16 x float> %v282, %v283
  store <16 x float> %v284, ptr %frame35, align 4
  br label %end275
end275:
  %v285 = icmp slt i64 4, %v121
  br i1 %v285, label %then286, label %end287
then286:
  %v288 = add nsw i64 %v173, 4
  %v289 = mul nsw i64 %v288, 8
  %v290 = getelementptr inbounds i8, ptr %v28, i64 %v289
  %v291 = load i64, ptr %v290, align 8
  %v292 = mul nsw i64 %v291, 64
  %v293 = getelementptr inbounds i8, ptr %v99, i64 %v292
  store <16 x float> %v230, ptr %v293, align 4
  %v294 = load <16 x float>, ptr %frame35, align 4
  %v295 = fmul <16 x float> %v230, zeroinitializer
  %v296 = fadd <16 x float> %v294, %v295
  store <16 x float> %v296, ptr %frame35, align 4
  br label %end287
end287:
  %v297 = icmp slt i64 5, %v121
  br i1 %v297, label %then298, label %end299
then298:
  %v300 = add nsw i64 %v173, 5
  %v301 = mul nsw i64 %v300, 8
  %v302 = getelementptr inbounds i8, ptr %v28, i64 %v301
  %v303 = load i64, ptr %v302, align 8
  %v304 = mul nsw i64 %v303, 64
  %v305 = getelementptr inbounds i8, ptr %v99, i64 %v304
  store <16 x float> %v232, ptr %v305, align 4
  %v306 = load <16 x float>, ptr %frame35, align 4
  %v307 = fmul <16 x float> %v232, zeroinitializer
  %v308 = fadd <16 x float> %v306, %v307
  store <16 x float> %v308, ptr %frame35, align 4
  br label %end299
end299:
  %v309 = icmp slt i64 6, %v121
  br i1 %v309, label %then310, label %end311
then310:
  %v312 = add nsw i64 %v173, 6
  %v313 = mul nsw i64 %v312, 8
  %v314 = getelementptr inbounds i8, ptr %v28, i64 %v313
  %v315 = load i64, ptr %v314, align 8
  %v316 = mul nsw i64 %v315, 64
  %v317 = getelementptr inbounds i8, ptr %v99, i64 %v316
  store <16 x float> %v234, ptr %v317, align 4
  %v318 = load <16 x float>, ptr %frame35, align 4
  %v319 = fmul <16 x float> %v234, zeroinitializer
  %v320 = fadd <16 x float> %v318, %v319
  store <16 x float> %v320, ptr %frame35, align 4
  br label %end311
end311:
  %v321 = icmp slt i64 7, %v121
  br i1 %v321, label %then322, label %end323
then322:
  %v324 = add nsw i64 %v173, 7
  %v325 = mul nsw i64 %v324, 8
  %v326 = getelementptr inbounds i8, ptr %v28, i64 %v325
  %v327 = load i64, ptr %v326, align 8
  %v328 = mul nsw i64 %v327, 64
  %v329 = getelementptr inbounds i8, ptr %v99, i64 %v328
  store <16 x float> %v236, ptr %v329, align 4
  %v330 = load <16 x float>, ptr %frame35, align 4
  %v331 = fmul <16 x float> %v236, zeroinitializer
  %v332 = fadd <16 x float> %v330, %v331
  store <16 x float> %v332, ptr %frame35, align 4
  br label %end323
end323:
  %v333 = icmp slt i64 8, %v121
  br i1 %v333, label %then334, label %end335
then334:
  %v336 = add nsw i64 %v173, 8
  %v337 = mul nsw i64 %v336, 8
  %v338 = getelementptr inbounds i8, ptr %v28, i64 %v337
  %v339 = load i64, ptr %v338, align 8
  %v340 = mul nsw i64 %v339, 64
  %v341 = getelementptr inbounds i8, ptr %v99, i64 %v340
  store <16 x float> %v223, ptr %v341, align 4
  %v342 = load <16 x float>, ptr %frame35, align 4
  %v343 = fmul <16 x float> %v223, zeroinitializer
  %v344 = fadd <16 x float> %v342, %v343
  store <16 x float> %v344, ptr %frame35, align 4
  br label %end335
end335:
  %v345 = icmp slt i64 9, %v121
  br i1 %v345, label %then346, label %end347
then346:
  %v348 = add nsw i64 %v173, 9
  %v349 = mul nsw i64 %v348, 8
  %v350 = getelementptr inbounds i8, ptr %v28, i64 %v349
  %v351 = load i64, ptr %v350, align 8
  %v352 = mul nsw i64 %v351, 64
  %v353 = getelementptr inbounds i8, ptr %v99, i64 %v352
  store <16 x float> %v225, ptr %v353, align 4
  %v354 = load <16 x float>, ptr %frame35, align 4
  %v355 = fmul <16 x float> %v225, zeroinitializer
  %v356 = fadd <16 x float> %v354, %v355
  store <16 x float> %v356, ptr %frame35, align 4
  br label %end347
end347:
  %v357 = icmp slt i64 10, %v121
  br i1 %v357, label %then358, label %end359
then358:
  %v360 = add nsw i64 %v173, 10
  %v361 = mul nsw i64 %v360, 8
  %v362 = getelementptr inbounds i8, ptr %v28, i64 %v361
  %v363 = load i64, ptr %v362, align 8
  %v364 = mul nsw i64 %v363, 64
  %v365 = getelementptr inbounds i8, ptr %v99, i64 %v364
  store <16 x float> %v227, ptr %v365, align 4
  %v366 = load <16 x float>, ptr %frame35, align 4
  %v367 = fmul <16 x float> %v227, zeroinitializer
  %v368 = fadd <16 x float> %v366, %v367
  store <16 x float> %v368, ptr %frame35, align 4
  br label %end359
end359:
  %v369 = icmp slt i64 11, %v121
  br i1 %v369, label %then370, label %end371
then370:
  %v372 = add nsw i64 %v173, 11
  %v373 = mul nsw i64 %v372, 8
  %v374 = getelementptr inbounds i8, ptr %v28, i64 %v373
  %v375 = load i64, ptr %v374, align 8
  %v376 = mul nsw i64 %v375, 64
  %v377 = getelementptr inbounds i8, ptr %v99, i64 %v376
  store <16 x float> %v229, ptr %v377, align 4
  %v378 = load <16 x float>, ptr %frame35, align 4
  %v379 = fmul <16 x float> %v229, zeroinitializer
  %v380 = fadd <16 x float> %v378, %v379
  store <16 x float> %v380, ptr %frame35, align 4
  br label %end371
end371:
  %v381 = icmp slt i64 12, %v121
  br i1 %v381, label %then382, label %end383
then382:
  %v384 = add nsw i64 %v173, 12
  %v385 = mul nsw i64 %v384, 8
  %v386 = getelementptr inbounds i8, ptr %v28, i64 %v385
  %v387 = load i64, ptr %v386, align 8
  %v388 = mul nsw i64 %v387, 64
  %v389 = getelementptr inbounds i8, ptr %v99, i64 %v388
  store <16 x float> %v231, ptr %v389, align 4
  %v390 = load <16 x float>, ptr %frame35, align 4
  %v391 = fmul <16 x float> %v231, zeroinitializer
  %v392 = fadd <16 x float> %v390, %v391
  store <16 x float> %v392, ptr %frame35, align 4
  br label %end383
end383:
  %v393 = icmp slt i64 13, %v121
  br i1 %v393, label %then394, label %end395
then394:
  %v396 = add nsw i64 %v173, 13
  %v397 = mul nsw i64 %v396, 8
  %v398 = getelementptr inbounds i8, ptr %v28, i64 %v397
  %v399 = load i64, ptr %v398, align 8
  %v400 = mul nsw i64 %v399, 64
  %v401 = getelementptr inbounds i8, ptr %v99, i64 %v400
  store <16 x float> %v233, ptr %v401, align 4
  %v402 = load <16 x float>, ptr %frame35, align 4
  %v403 = fmul <16 x float> %v233, zeroinitializer
  %v404 = fadd <16 x float> %v402, %v403
  store <16 x float> %v404, ptr %frame35, align 4
  br label %end395
end395:
  %v405 = icmp slt i64 14, %v121
  br i1 %v405, label %then406, label %end407
then406:
  %v408 = add nsw i64 %v173, 14
  %v409 = mul nsw i64 %v408, 8
  %v410 = getelementptr inbounds i8, ptr %v28, i64 %v409
  %v411 = load i64, ptr %v410, align 8
  %v412 = mul nsw i64 %v411, 64
  %v413 = getelementptr inbounds i8, ptr %v99, i64 %v412
  store <16 x float> %v235, ptr %v413, align 4
  %v414 = load <16 x float>, ptr %frame35, align 4
  %v415 = fmul <16 x float> %v235, zeroinitializer
  %v416 = fadd <16 x float> %v414, %v415
  store <16 x float> %v416, ptr %frame35, align 4
  br label %end407
end407:
  %v417 = icmp slt i64 15, %v121
  br i1 %v417, label %then418, label %end419
then418:
  %v420 = add nsw i64 %v173, 15
  %v421 = mul nsw i64 %v420, 8
  %v422 = getelementptr inbounds i8, ptr %v28, i64 %v421
  %v423 = load i64, ptr %v422, align 8
  %v424 = mul nsw i64 %v423, 64
  %v425 = getelementptr inbounds i8, ptr %v99, i64 %v424
  store <16 x float> %v237, ptr %v425, align 4
  %v426 = load <16 x float>, ptr %frame35, align 4
  %v427 = fmul <16 x float> %v237, zeroinitializer
  %v428 = fadd <16 x float> %v426, %v427
  store <16 x float> %v428, ptr %frame35, align 4
  br label %end419
end419:
  %v429 = add nsw i64 %i117, 16
  br label %head114
end116:
  %v430 = add nsw i64 %i107, 1
  br label %head104
end106:
  br label %end103
else102:
  br label %head431
head431:
  %i434 = phi i64 [ %v78, %else102 ], [ %v470, %end443 ]
  %v435 = icmp slt i64 %i434, %v80
  br i1 %v435, label %body432, label %end433
body432:
  %v436 = mul nsw i64 %i434, 8
  %v437 = getelementptr inbounds i8, ptr %v26, i64 %v436
  %v438 = load i64, ptr %v437, align 8
  %v439 = getelementptr inbounds i8, ptr %v96, i64 %v438
  %v440 = mul nsw i64 %i434, %v12
  br label %head441
head441:
  %i444 = phi i64 [ 0, %body432 ], [ %v469, %end456 ]
  %v445 = icmp slt i64 %i444, %v12
  br i1 %v445, label %body442, label %end443
body442:
  %v446 = add nsw i64 %v440, %i444
  %v447 = mul nsw i64 %v446, 8
  %v448 = getelementptr inbounds i8, ptr %v28, i64 %v447
  %v449 = load i64, ptr %v448, align 8
  %v450 = mul nsw i64 %v449, 64
  %v451 = getelementptr inbounds i8, ptr %v99, i64 %v450
  store <16 x float> zeroinitializer, ptr %v451, align 4
  %v452 = mul nsw i64 %i444, 4
  %v453 = getelementptr inbounds i8, ptr %v439, i64 %v452
  br label %head454
head454:
  %i457 = phi i64 [ 0, %body442 ], [ %v464, %body455 ]
  %v458 = icmp slt i64 %i457, %v97
  br i1 %v458, label %body455, label %end456
body455:
  %v459 = mul nsw i64 %i457, %v20
  %v460 = getelementptr inbounds i8, ptr %v453, i64 %v459
  %v461 = load float, ptr %v460, align 1
  %v462 = mul nsw i64 %i457, 4
  %v463 = getelementptr inbounds i8, ptr %v451, i64 %v462
  store float %v461, ptr %v463, align 4
  %v464 = add nsw i64 %i457, 1
  br label %head454
end456:
  %v465 = load <16 x float>, ptr %v451, align 4
  %v466 = load <16 x float>, ptr %frame35, align 4
  %v467 = fmul <16 x float> %v465, zeroinitializer
  %v468 = fadd <16 x float> %v466, %v467
  store <16 x float> %v468, ptr %frame35, align 4
  %v469 = add nsw i64 %i444, 1
  br label %head441
end443:
  %v470 = add nsw i64 %i434, 1
  br label %head431
end433:
  br label %end103
end103:
  %v471 = add nsw i64 %i89, 16
  br label %head86
end88:
  %v472 = load <16 x float>, ptr %frame35, align 4
  %v473 = fcmp uno <16 x float> %v472, zeroinitializer
  %v474 = bitcast <16 x i1> %v473 to i16
  %v475 = icmp ne i16 %v474, 0
  br i1 %v475, label %then476, label %end477
then476:
  store i64 1, ptr %v34, align 8
  br label %end477
end477:
  br label %draw60
drawn62:
  %v478 = add nsw i64 %i47, 1
  br label %head44
end46:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
