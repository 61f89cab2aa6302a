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
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
declare i64 @llvm.smax.i64(i64, i64)
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, <16 x i1>, <16 x float>)

define  void @tilewise_kernel(ptr noalias %args, i64 %thread, i64 %threads) #0 {
entry:
  %frame39 = alloca [64 x i8], align 64
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
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i8, ptr %args, i64 152
  %v32 = load ptr, ptr %v31, align 8
  %v33 = getelementptr inbounds i8, ptr %args, i64 160
  %v34 = load ptr, ptr %v33, align 8
  %v35 = getelementptr inbounds i8, ptr %args, i64 168
  %v36 = load ptr, ptr %v35, align 8
  %v37 = getelementptr inbounds i8, ptr %args, i64 176
  %v38 = load ptr, ptr %v37, align 8
  %v40 = add nsw i64 %threads, 1
  %v41 = udiv i64 %v40, 2
  %v42 = call i64 @llvm.smin.i64(i64 %v41, i64 4)
  %v43 = icmp sge i64 %v2, 2147483648
  %v44 = urem i64 %thread, 2
  %v45 = icmp eq i64 %v44, 1
  %v46 = select i1 %v43, i1 false, i1 %v45
  %v47 = select i1 %v46, i64 4294967296, i64 1
  br label %head48
head48:
  %i51 = phi i64 [ 0, %entry ], [ %v721, %drawn66 ]
  %v52 = icmp slt i64 %i51, %v42
  br i1 %v52, label %body49, label %end50
body49:
  %v53 = udiv i64 %thread, 2
  %v54 = add nsw i64 %v53, %i51
  %v55 = urem i64 %v54, %v42
  %v56 = mul nsw i64 %v2, %v55
  %v57 = udiv i64 %v56, %v42
  %v58 = add nsw i64 %v55, 1
  %v59 = mul nsw i64 %v2, %v58
  %v60 = udiv i64 %v59, %v42
  %v61 = sub nsw i64 %v60, %v57
  %v62 = mul nsw i64 %v55, 8
  %v63 = getelementptr inbounds i8, ptr %args, i64 %v62
  br label %draw64
draw64:
  %v67 = atomicrmw add ptr %v63, i64 %v47 monotonic
  %v68 = lshr i64 %v67, 32
  %v69 = select i1 %v43, i64 0, i64 %v68
  %v70 = mul nsw i64 %v69, 4294967296
  %v71 = sub nsw i64 %v67, %v70
  %v72 = add nsw i64 %v69, %v71
  %v73 = icmp slt i64 %v72, %v61
  br i1 %v73, label %item65, label %drawn66
item65:
  %v74 = add nsw i64 %v61, -1
  %v75 = sub nsw i64 %v74, %v69
  %v76 = select i1 %v46, i64 %v75, i64 %v71
  %v77 = add nsw i64 %v57, %v76
  %v78 = urem i64 %v77, %v10
  %v79 = udiv i64 %v77, %v10
  %v80 = urem i64 %v79, %v4
  %v81 = udiv i64 %v79, %v4
  %v82 = mul nsw i64 %v78, %v12
  %v83 = add nsw i64 %v82, %v12
  %v84 = call i64 @llvm.smin.i64(i64 %v83, i64 %v14)
  store <16 x float> zeroinitializer, ptr %frame39, align 4
  %v85 = mul nsw i64 %v80, %v6
  %v86 = add nsw i64 %v85, %v6
  %v87 = call i64 @llvm.smin.i64(i64 %v86, i64 %v8)
  br label %head88
head88:
  %i91 = phi i64 [ %v85, %item65 ], [ %v714, %end100 ]
  %v92 = icmp slt i64 %i91, %v87
  br i1 %v92, label %body89, label %end90
body89:
  %v93 = mul nsw i64 %v81, %v8
  %v94 = add nsw i64 %v93, %i91
  %v95 = mul nsw i64 %v94, %v18
  %v96 = mul nsw i64 %v95, 64
  %v97 = getelementptr inbounds i8, ptr %v36, i64 %v96
  br label %head98
head98:
  %i101 = phi i64 [ %v82, %body89 ], [ %v713, %end109 ]
  %v102 = icmp slt i64 %i101, %v84
  br i1 %v102, label %body99, label %end100
body99:
  %v103 = mul nsw i64 %i101, 8
  %v104 = getelementptr inbounds i8, ptr %v30, i64 %v103
  %v105 = load i64, ptr %v104, align 8
  %v106 = mul nsw i64 %i101, %v16
  br label %head107
head107:
  %i110 = phi i64 [ 0, %body99 ], [ %v712, %end114 ]
  %v111 = icmp slt i64 %i110, %v16
  br i1 %v111, label %body108, label %end109
body108:
  br label %head112
head112:
  %i115 = phi i64 [ 0, %body108 ], [ %v711, %end132 ]
  %v116 = icmp slt i64 %i115, 16
  br i1 %v116, label %body113, label %end114
body113:
  %v117 = add nsw i64 %i110, 16
  %v118 = call i64 @llvm.smin.i64(i64 %v117, i64 %v16)
  %v119 = mul nsw i64 %i91, 16
  %v120 = add nsw i64 %v119, %i115
  %v121 = mul nsw i64 %v81, %v22
  %v122 = mul nsw i64 %v120, %v24
  %v123 = add nsw i64 %v121, %v122
  %v124 = getelementptr inbounds i8, ptr %v34, i64 %v123
  %v125 = sub nsw i64 %v20, %v120
  %v126 = mul nsw i64 %i115, 4
  %v127 = getelementptr inbounds i8, ptr %v97, i64 %v126
  %v128 = getelementptr inbounds i8, ptr %v124, i64 %v105
  %v129 = icmp sge i64 %v125, 16
  br i1 %v129, label %then130, label %else131
then130:
  br label %head133
head133:
  %i136 = phi i64 [ %i110, %then130 ], [ %v681, %end144 ]
  %v137 = icmp slt i64 %i136, %v118
  br i1 %v137, label %body134, label %end135
body134:
  %v138 = mul nsw i64 %i136, 4
  %v139 = getelementptr inbounds i8, ptr %v128, i64 %v138
  %v140 = sub nsw i64 %v118, %i136
  %v141 = icmp sge i64 %v140, 16
  br i1 %v141, label %then142, label %else143
then142:
  %v145 = getelementptr inbounds i8, ptr %v139, i64 %v24
  %v146 = mul nsw i64 %v24, 2
  %v147 = getelementptr inbounds i8, ptr %v139, i64 %v146
  %v148 = mul nsw i64 %v24, 3
  %v149 = getelementptr inbounds i8, ptr %v139, i64 %v148
  %v150 = mul nsw i64 %v24, 4
  %v151 = getelementptr inbounds i8, ptr %v139, i64 %v150
  %v152 = mul nsw i64 %v24, 5
  %v153 = getelementptr inbounds i8, ptr %v139, i64 %v152
  %v154 = mul nsw i64 %v24, 6
  %v155 = getelementptr inbounds i8, ptr %v139, i64 %v154
  %v156 = mul nsw i64 %v24, 7
  %v157 = getelementptr inbounds i8, ptr %v139, i64 %v156
  %v158 = mul nsw i64 %v24, 8
  %v159 = getelementptr inbounds i8, ptr %v139, i64 %v158
  %v160 = mul nsw i64 %v24, 9
  %v161 = getelementptr inbounds i8, ptr %v139, i64 %v160
  %v162 = mul nsw i64 %v24, 10
  %v163 = getelementptr inbounds i8, ptr %v139, i64 %v162
  %v164 = mul nsw i64 %v24, 11
  %v165 = getelementptr inbounds i8, ptr %v139, i64 %v164
  %v166 = mul nsw i64 %v24, 12
  %v167 = getelementptr inbounds i8, ptr %v139, i64 %v166
  %v168 = mul nsw i64 %v24, 13
  %v169 = getelementptr inbounds i8, ptr %v139, i64 %v168
  %v170 = mul nsw i64 %v24, 14
  %v171 = getelementptr inbounds i8, ptr %v139, i64 %v170
  %v172 = mul nsw i64 %v24, 15
  %v173 = getelementptr inbounds i8, ptr %v139, i64 %v172
  %v174 = load <16 x float>, ptr %v139, align 1
  %v175 = load <16 x float>, ptr %v145, align 1
  %v176 = load <16 x float>, ptr %v147, align 1
  %v177 = load <16 x float>, ptr %v149, align 1
  %v178 = load <16 x float>, ptr %v151, align 1
  %v179 = load <16 x float>, ptr %v153, align 1
  %v180 = load <16 x float>, ptr %v155, align 1
  %v181 = load <16 x float>, ptr %v157, align 1
  %v182 = load <16 x float>, ptr %v159, align 1
  %v183 = load <16 x float>, ptr %v161, align 1
  %v184 = load <16 x float>, ptr %v163, align 1
  %v185 = load <16 x float>, ptr %v165, align 1
  %v186 = load <16 x float>, ptr %v167, align 1
  %v187 = load <16 x float>, ptr %v169, align 1
  %v188 = load <16 x float>, ptr %v171, align 1
  %v189 = load <16 x float>, ptr %v173, align 1
  %v190 = shufflevector <16 x float> %v174, <16 x float> %v175, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v191 = shufflevector <16 x float> %v174, <16 x float> %v175, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v192 = shufflevector <16 x float> %v176, <16 x float> %v177, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v193 = shufflevector <16 x float> %v176, <16 x float> %v177, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v194 = shufflevector <16 x float> %v178, <16 x float> %v179, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v195 = shufflevector <16 x float> %v178, <16 x float> %v179, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v196 = shufflevector <16 x float> %v180, <16 x float> %v181, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v197 = shufflevector <16 x float> %v180, <16 x float> %v181, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v198 = shufflevector <16 x float> %v182, <16 x float> %v183, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v199 = shufflevector <16 x float> %v182, <16 x float> %v183, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v200 = shufflevector <16 x float> %v184, <16 x float> %v185, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v201 = shufflevector <16 x float> %v184, <16 x float> %v185, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v202 = shufflevector <16 x float> %v186, <16 x float> %v187, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v203 = shufflevector <16 x float> %v186, <16 x float> %v187, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v204 = shufflevector <16 x float> %v188, <16 x float> %v189, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v205 = shufflevector <16 x float> %v188, <16 x float> %v189, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v206 = shufflevector <16 x float> %v190, <16 x float> %v192, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v207 = shufflevector <16 x float> %v190, <16 x float> %v192, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v208 = shufflevector <16 x float> %v191, <16 x float> %v193, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v209 = shufflevector <16 x float> %v191, <16 x float> %v193, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v210 = shufflevector <16 x float> %v194, <16 x float> %v196, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v211 = shufflevector <16 x float> %v194, <16 x float> %v196, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v212 = shufflevector <16 x float> %v195, <16 x float> %v197, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v213 = shufflevector <16 x float> %v195, <16 x float> %v197, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v214 = shufflevector <16 x float> %v198, <16 x float> %v200, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v215 = shufflevector <16 x float> %v198, <16 x float> %v200, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v216 = shufflevector <16 x float> %v199, <16 x float> %v201, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v217 = shufflevector <16 x float> %v199, <16 x float> %v201, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v218 = shufflevector <16 x float> %v202, <16 x float> %v204, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v219 = shufflevector <16 x float> %v202, <16 x float> %v204, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v220 = shufflevector <16 x float> %v203, <16 x float> %v205, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v221 = shufflevector <16 x float> %v203, <16 x float> %v205, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v222 = shufflevector <16 x float> %v206, <16 x float> %v210, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v223 = shufflevector <16 x float> %v206, <16 x float> %v210, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v224 = shufflevector <16 x float> %v208, <16 x float> %v212, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v225 = shufflevector <16 x float> %v208, <16 x float> %v212, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v226 = shufflevector <16 x float> %v207, <16 x float> %v211, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v227 = shufflevector <16 x float> %v207, <16 x float> %v211, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v228 = shufflevector <16 x float> %v209, <16 x float> %v213, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v229 = shufflevector <16 x float> %v209, <16 x float> %v213, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v230 = shufflevector <16 x float> %v214, <16 x float> %v218, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v231 = shufflevector <16 x float> %v214, <16 x float> %v218, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v232 = shufflevector <16 x float> %v216, <16 x float> %v220, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v233 = shufflevector <16 x float> %v216, <16 x float> %v220, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v234 = shufflevector <16 x float> %v215, <16 x float> %v219, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v235 = shufflevector <16 x float> %v215, <16 x float> %v219, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v236 = shufflevector <16 x float> %v217, <16 x float> %v221, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v237 = shufflevector <16 x float> %v217, <16 x float> %v221, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v238 = shufflevector <16 x float> %v222, <16 x float> %v230, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v239 = shufflevector <16 x float> %v222, <16 x float> %v230, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v240 = shufflevector <16 x float> %v224, <16 x float> %v232, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v241 = shufflevector <16 x float> %v224, <16 x float> %v232, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v242 = shufflevector <16 x float> %v226, <16 x float> %v234, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v243 = shufflevector <16 x float> %v226, <16 x float> %v234, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v244 = shufflevector <16 x float> %v228, <16 x float> %v236, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v245 = shufflevector <16 x float> %v228, <16 x float> %v236, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v246 = shufflevector <16 x float> %v223, <16 x float> %v231, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v247 = shufflevector <16 x float> %v223, <16 x float> %v231, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v248 = shufflevector <16 x float> %v225, <16 x float> %v233, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v249 = shufflevector <16 x float> %v225, <16 x float> %v233, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v250 = shufflevector <16 x float> %v227, <16 x float> %v235, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v251 = shufflevector <16 x float> %v227, <16 x float> %v235, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v252 = shufflevector <16 x float> %v229, <16 x float> %v237, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v253 = shufflevector <16 x float> %v229, <16 x float> %v237, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v254 = add nsw i64 %v106, %i136
  %v255 = mul nsw i64 %v254, 8
  %v256 = getelementptr inbounds i8, ptr %v32, i64 %v255
  %v257 = load i64, ptr %v256, align 8
  %v258 = mul nsw i64 %v257, 64
  %v259 = getelementptr inbounds i8, ptr %v127, i64 %v258
  store <16 x float> %v238, ptr %v259, align 4
  %v260 = add nsw i64 %i136, 1
  %v261 = add nsw i64 %v106, %v260
  %v262 = mul nsw i64 %v261, 8
  %v263 = getelementptr inbounds i8, ptr %v32, i64 %v262
  %v264 = load i64, ptr %v263, align 8
  %v265 = mul nsw i64 %v264, 64
  %v266 = getelementptr inbounds i8, ptr %v127, i64 %v265
  store <16 x float> %v240, ptr %v266, align 4
  %v267 = add nsw i64 %i136, 2
  %v268 = add nsw i64 %v106, %v267
  %v269 = mul nsw i64 %v268, 8
  %v270 = getelementptr inbounds i8, ptr %v32, i64 %v269
  %v271 = load i64, ptr %v270, align 8
  %v272 = mul nsw i64 %v271, 64
  %v273 = getelementptr inbounds i8, ptr %v127, i64 %v272
  store <16 x float> %v242, ptr %v273, align 4
  %v274 = add nsw i64 %i136, 3
  %v275 = add nsw i64 %v106, %v274
  %v276 = mul nsw i64 %v275, 8
  %v277 = getelementptr inbounds i8, ptr %v32, i64 %v276
  %v278 = load i64, ptr %v277, align 8
  %v279 = mul nsw i64 %v278, 64
  %v280 = getelementptr inbounds i8, ptr %v127, i64 %v279
  store <16 x float> %v244, ptr %v280, align 4
  %v281 = add nsw i64 %i136, 4
  %v282 = add nsw i64 %v106, %v281
  %v283 = mul nsw i64 %v282, 8
  %v284 = getelementptr inbounds i8, ptr %v32, i64 %v283
  %v285 = load i64, ptr %v284, align 8
  %v286 = mul nsw i64 %v285, 64
  %v287 = getelementptr inbounds i8, ptr %v127, i64 %v286
  store <16 x float> %v246, ptr %v287, align 4
  %v288 = add nsw i64 %i136, 5
  %v289 = add nsw i64 %v106, %v288
  %v290 = mul nsw i64 %v289, 8
  %v291 = getelementptr inbounds i8, ptr %v32, i64 %v290
  %v292 = load i64, ptr %v291, align 8
  %v293 = mul nsw i64 %v292, 64
  %v294 = getelementptr inbounds i8, ptr %v127, i64 %v293
  store <16 x float> %v248, ptr %v294, align 4
  %v295 = add nsw i64 %i136, 6
  %v296 = add nsw i64 %v106, %v295
  %v297 = mul nsw i64 %v296, 8
  %v298 = getelementptr inbounds i8, ptr %v32, i64 %v297
  %v299 = load i64, ptr %v298, align 8
  %v300 = mul nsw i64 %v299, 64
  %v301 = getelementptr inbounds i8, ptr %v127, i64 %v300
  store <16 x float> %v250, ptr %v301, align 4
  %v302 = add nsw i64 %i136, 7
  %v303 = add nsw i64 %v106, %v302
  %v304 = mul nsw i64 %v303, 8
  %v305 = getelementptr inbounds i8, ptr %v32, i64 %v304
  %v306 = load i64, ptr %v305, align 8
  %v307 = mul nsw i64 %v306, 64
  %v308 = getelementptr inbounds i8, ptr %v127, i64 %v307
  store <16 x float> %v252, ptr %v308, align 4
  %v309 = add nsw i64 %i136, 8
  %v310 = add nsw i64 %v106, %v309
  %v311 = mul nsw i64 %v310, 8
  %v312 = getelementptr inbounds i8, ptr %v32, i64 %v311
  %v313 = load i64, ptr %v312, align 8
  %v314 = mul nsw i64 %v313, 64
  %v315 = getelementptr inbounds i8, ptr %v127, i64 %v314
  store <16 x float> %v239, ptr %v315, align 4
  %v316 = add nsw i64 %i136, 9
  %v317 = add nsw i64 %v106, %v316
  %v318 = mul nsw i64 %v317, 8
  %v319 = getelementptr inbounds i8, ptr %v32, i64 %v318
  %v320 = load i64, ptr %v319, align 8
  %v321 = mul nsw i64 %v320, 64
  %v322 = getelementptr inbounds i8, ptr %v127, i64 %v321
  store <16 x float> %v241, ptr %v322, align 4
  %v323 = add nsw i64 %i136, 10
  %v324 = add nsw i64 %v106, %v323
  %v325 = mul nsw i64 %v324, 8
  %v326 = getelementptr inbounds i8, ptr %v32, i64 %v325
  %v327 = load i64, ptr %v326, align 8
  %v328 = mul nsw i64 %v327, 64
  %v329 = getelementptr inbounds i8, ptr %v127, i64 %v328
  store <16 x float> %v243, ptr %v329, align 4
  %v330 = add nsw i64 %i136, 11
  %v331 = add nsw i64 %v106, %v330
  %v332 = mul nsw i64 %v331, 8
  %v333 = getelementptr inbounds i8, ptr %v32, i64 %v332
  %v334 = load i64, ptr %v333, align 8
  %v335 = mul nsw i64 %v334, 64
  %v336 = getelementptr inbounds i8, ptr %v127, i64 %v335
  store <16 x float> %v245, ptr %v336, align 4
  %v337 = add nsw i64 %i136, 12
  %v338 = add nsw i64 %v106, %v337
  %v339 = mul nsw i64 %v338, 8
  %v340 = getelementptr inbounds i8, ptr %v32, i64 %v339
  %v341 = load i64, ptr %v340, align 8
  %v342 = mul nsw i64 %v341, 64
  %v343 = getelementptr inbounds i8, ptr %v127, i64 %v342
  store <16 x float> %v247, ptr %v343, align 4
  %v344 = add nsw i64 %i136, 13
  %v345 = add nsw i64 %v106, %v344
  %v346 = mul nsw i64 %v345, 8
  %v347 = getelementptr inbounds i8, ptr %v32, i64 %v346
  %v348 = load i64, ptr %v347, align 8
  %v349 = mul nsw i64 %v348, 64
  %v350 = getelementptr inbounds i8, ptr %v127, i64 %v349
  store <16 x float> %v249, ptr %v350, align 4
  %v351 = add nsw i64 %i136, 14
  %v352 = add nsw i64 %v106, %v351
  %v353 = mul nsw i64 %v352, 8
  %v354 = getelementptr inbounds i8, ptr %v32, i64 %v353
  %v355 = load i64, ptr %v354, align 8
  %v356 = mul nsw i64 %v355, 64
  %v357 = getelementptr inbounds i8, ptr %v127, i64 %v356
  store <16 x float> %v251, ptr %v357, align 4
  %v358 = add nsw i64 %i136, 15
  %v359 = add nsw i64 %v106, %v358
  %v360 = mul nsw i64 %v359, 8
  %v361 = getelementptr inbounds i8, ptr %v32, i64 %v360
  %v362 = load i64, ptr %v361, align 8
  %v363 = mul nsw i64 %v362, 64
  %v364 = getelementptr inbounds i8, ptr %v127, i64 %v363
  store <16 x float> %v253, ptr %v364, align 4
  %v365 = load <16 x float>, ptr %frame39, align 4
  %v366 = fmul <16 x float> %v174, zeroinitializer
  %v367 = fmul <16 x float> %v175, zeroinitializer
  %v368 = fmul <16 x float> %v176, zeroinitializer
  %v369 = fmul <16 x float> %v177, zeroinitializer
  %v370 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v178, <16 x float> zeroinitializer, <16 x float> %v366)
  %v371 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v179, <16 x float> zeroinitializer, <16 x float> %v367)
  %v372 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v180, <16 x float> zeroinitializer, <16 x float> %v368)
  %v373 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v181, <16 x float> zeroinitializer, <16 x float> %v369)
  %v374 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v182, <16 x float> zeroinitializer, <16 x float> %v370)
  %v375 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v183, <16 x float> zeroinitializer, <16 x float> %v371)
  %v376 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v184, <16 x float> zeroinitializer, <16 x float> %v372)
  %v377 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v185, <16 x float> zeroinitializer, <16 x float> %v373)
  %v378 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v186, <16 x float> zeroinitializer, <16 x float> %v374)
  %v379 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v187, <16 x float> zeroinitializer, <16 x float> %v375)
  %v380 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v188, <16 x float> zeroinitializer, <16 x float> %v376)
  %v381 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v189, <16 x float> zeroinitializer, <16 x float> %v377)
  %v382 = fadd <16 x float> %v378, %v379
  %v383 = fadd <16 x float> %v382, %v380
  %v384 = fadd <16 x float> %v383, %v381
  %v385 = fadd <16 x float> %v365, %v384
  store <16 x float> %v385, ptr %frame39, align 4
  br label %end144
else143:
  %v386 = call i64 @llvm.smin.i64(i64 %v140, i64 16)
  %v387 = call i64 @llvm.smax.i64(i64 %v386, i64 0)
  %v388 = trunc i64 %v387 to i32
  %v389 = insertelement <16 x i32> poison, i32 %v388, i64 0
  %v390 = shufflevector <16 x i32> %v389, <16 x i32> poison, <16 x i32> zeroinitializer
  %v391 = icmp sgt <16 x i32> %v390, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v392 = getelementptr inbounds i8, ptr %v139, i64 %v24
  %v393 = mul nsw i64 %v24, 2
  %v394 = getelementptr inbounds i8, ptr %v139, i64 %v393
  %v395 = mul nsw i64 %v24, 3
  %v396 = getelementptr inbounds i8, ptr %v139, i64 %v395
  %v397 = mul nsw i64 %v24, 4
  %v398 = getelementptr inbounds i8, ptr %v139, i64 %v397
  %v399 = mul nsw i64 %v24, 5
  %v400 = getelementptr inbounds i8, ptr %v139, i64 %v399
  %v401 = mul nsw i64 %v24, 6
  %v402 = getelementptr inbounds i8, ptr %v139, i64 %v401
  %v403 = mul nsw i64 %v24, 7
  %v404 = getelementptr inbounds i8, ptr %v139, i64 %v403
  %v405 = mul nsw i64 %v24, 8
  %v406 = getelementptr inbounds i8, ptr %v139, i64 %v405
  %v407 = mul nsw i64 %v24, 9
  %v408 = getelementptr inbounds i8, ptr %v139, i64 %v407
  %v409 = mul nsw i64 %v24, 10
  %v410 = getelementptr inbounds i8, ptr %v139, i64 %v409
  %v411 = mul nsw i64 %v24, 11
  %v412 = getelementptr inbounds i8, ptr %v139, i64 %v411
  %v413 = mul nsw i64 %v24, 12
  %v414 = getelementptr inbounds i8, ptr %v139, i64 %v413
  %v415 = mul nsw i64 %v24, 13
  %v416 = getelementptr inbounds i8, ptr %v139, i64 %v415
  %v417 = mul nsw i64 %v24, 14
  %v418 = getelementptr inbounds i8, ptr %v139, i64 %v417
  %v419 = mul nsw i64 %v24, 15
  %v420 = getelementptr inbounds i8, ptr %v139, i64 %v419
  %v421 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v139, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v422 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v392, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v423 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v394, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v424 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v396, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v425 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v398, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v426 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v400, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v427 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v402, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v428 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v404, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v429 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v406, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v430 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v408, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v431 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v410, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v432 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v412, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v433 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v414, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v434 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v416, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v435 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v418, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v436 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr align 1 %v420, <16 x i1> %v391, <16 x float> zeroinitializer)
  %v437 = shufflevector <16 x float> %v421, <16 x float> %v422, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v438 = shufflevector <16 x float> %v421, <16 x float> %v422, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v439 = shufflevector <16 x float> %v423, <16 x float> %v424, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v440 = shufflevector <16 x float> %v423, <16 x float> %v424, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v441 = shufflevector <16 x float> %v425, <16 x float> %v426, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v442 = shufflevector <16 x float> %v425, <16 x float> %v426, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v443 = shufflevector <16 x float> %v427, <16 x float> %v428, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v444 = shufflevector <16 x float> %v427, <16 x float> %v428, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v445 = shufflevector <16 x float> %v429, <16 x float> %v430, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v446 = shufflevector <16 x float> %v429, <16 x float> %v430, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v447 = shufflevector <16 x float> %v431, <16 x float> %v432, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v448 = shufflevector <16 x float> %v431, <16 x float> %v432, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v449 = shufflevector <16 x float> %v433, <16 x float> %v434, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v450 = shufflevector <16 x float> %v433, <16 x float> %v434, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v451 = shufflevector <16 x float> %v435, <16 x float> %v436, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %v452 = shufflevector <16 x float> %v435, <16 x float> %v436, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %v453 = shufflevector <16 x float> %v437, <16 x float> %v439, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v454 = shufflevector <16 x float> %v437, <16 x float> %v439, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v455 = shufflevector <16 x float> %v438, <16 x float> %v440, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v456 = shufflevector <16 x float> %v438, <16 x float> %v440, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v457 = shufflevector <16 x float> %v441, <16 x float> %v443, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v458 = shufflevector <16 x float> %v441, <16 x float> %v443, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v459 = shufflevector <16 x float> %v442, <16 x float> %v444, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v460 = shufflevector <16 x float> %v442, <16 x float> %v444, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v461 = shufflevector <16 x float> %v445, <16 x float> %v447, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v462 = shufflevector <16 x float> %v445, <16 x float> %v447, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v463 = shufflevector <16 x float> %v446, <16 x float> %v448, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v464 = shufflevector <16 x float> %v446, <16 x float> %v448, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v465 = shufflevector <16 x float> %v449, <16 x float> %v451, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v466 = shufflevector <16 x float> %v449, <16 x float> %v451, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v467 = shufflevector <16 x float> %v450, <16 x float> %v452, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %v468 = shufflevector <16 x float> %v450, <16 x float> %v452, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %v469 = shufflevector <16 x float> %v453, <16 x float> %v457, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v470 = shufflevector <16 x float> %v453, <16 x float> %v457, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v471 = shufflevector <16 x float> %v455, <16 x float> %v459, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v472 = shufflevector <16 x float> %v455, <16 x float> %v459, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v473 = shufflevector <16 x float> %v454, <16 x float> %v458, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v474 = shufflevector <16 x float> %v454, <16 x float> %v458, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v475 = shufflevector <16 x float> %v456, <16 x float> %v460, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v476 = shufflevector <16 x float> %v456, <16 x float> %v460, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v477 = shufflevector <16 x float> %v461, <16 x float> %v465, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v478 = shufflevector <16 x float> %v461, <16 x float> %v465, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v479 = shufflevector <16 x float> %v463, <16 x float> %v467, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v480 = shufflevector <16 x float> %v463, <16 x float> %v467, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v481 = shufflevector <16 x float> %v462, <16 x float> %v466, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v482 = shufflevector <16 x float> %v462, <16 x float> %v466, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v483 = shufflevector <16 x float> %v464, <16 x float> %v468, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %v484 = shufflevector <16 x float> %v464, <16 x float> %v468, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %v485 = shufflevector <16 x float> %v469, <16 x float> %v477, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v486 = shufflevector <16 x float> %v469, <16 x float> %v477, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v487 = shufflevector <16 x float> %v471, <16 x float> %v479, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v488 = shufflevector <16 x float> %v471, <16 x float> %v479, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v489 = shufflevector <16 x float> %v473, <16 x float> %v481, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v490 = shufflevector <16 x float> %v473, <16 x float> %v481, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v491 = shufflevector <16 x float> %v475, <16 x float> %v483, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v492 = shufflevector <16 x float> %v475, <16 x float> %v483, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v493 = shufflevector <16 x float> %v470, <16 x float> %v478, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v494 = shufflevector <16 x float> %v470, <16 x float> %v478, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v495 = shufflevector <16 x float> %v472, <16 x float> %v480, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v496 = shufflevector <16 x float> %v472, <16 x float> %v480, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v497 = shufflevector <16 x float> %v474, <16 x float> %v482, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v498 = shufflevector <16 x float> %v474, <16 x float> %v482, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v499 = shufflevector <16 x float> %v476, <16 x float> %v484, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %v500 = shufflevector <16 x float> %v476, <16 x float> %v484, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v501 = icmp slt i64 0, %v140
  br i1 %v501, label %then502, label %end503
then502:
  %v504 = add nsw i64 %v106, %i136
  %v505 = mul nsw i64 %v504, 8
  %v506 = getelementptr inbounds i8, ptr %v32, i64 %v505
  %v507 = load i64, ptr %v506, align 8
  %v508 = mul nsw i64 %v507, 64
  %v509 = getelementptr inbounds i8, ptr %v127, i64 %v508
  store <16 x float> %v485, ptr %v509, align 4
  br label %end503
end503:
  %v510 = icmp slt i64 1, %v140
  br i1 %v510, label %then511, label %end512
then511:
  %v513 = add nsw i64 %i136, 1
  %v514 = add nsw i64 %v106, %v513
  %v515 = mul nsw i64 %v514, 8
  %v516 = getelementptr inbounds i8, ptr %v32, i64 %v515
  %v517 = load i64, ptr %v516, align 8
  %v518 = mul nsw i64 %v517, 64
  %v519 = getelementptr inbounds i8, ptr %v127, i64 %v518
  store <16 x float> %v487, ptr %v519, align 4
  br label %end512
end512:
  %v520 = icmp slt i64 2, %v140
  br i1 %v520, label %then521, label %end522
then521:
  %v523 = add nsw i64 %i136, 2
  %v524 = add nsw i64 %v106, %v523
  %v525 = mul nsw i64 %v524, 8
  %v526 = getelementptr inbounds i8, ptr %v32, i64 %v525
  %v527 = load i64, ptr %v526, align 8
  %v528 = mul nsw i64 %v527, 64
  %v529 = getelementptr inbounds i8, ptr %v127, i64 %v528
  store <16 x float> %v489, ptr %v529, align 4
  br label %end522
end522:
  %v530 = icmp slt i64 3, %v140
  br i1 %v530, label %then531, label %end532
then531:
  %v533 = add nsw i64 %i136, 3
  %v534 = add nsw i64 %v106, %v533
  %v535 = mul nsw i64 %v534, 8
  %v536 = getelementptr inbounds i8, ptr %v32, i64 %v535
  %v537 = load i64, ptr %v536, align 8
  %v538 = mul nsw i64 %v537, 64
  %v539 = getelementptr inbounds i8, ptr %v127, i64 %v538
  store <16 x float> %v491, ptr %v539, align 4
  br label %end532
end532:
  %v540 = icmp slt i64 4, %v140
  br i1 %v540, label %then541, label %end542
then541:
  %v543 = add nsw i64 %i136, 4
  %v544 = add nsw i64 %v106, %v543
  %v545 = mul nsw i64 %v544, 8
  %v546 = getelementptr inbounds i8, ptr %v32, i64 %v545
  %v547 = load i64, ptr %v546, align 8
  %v548 = mul nsw i64 %v547, 64
  %v549 = getelementptr inbounds i8, ptr %v127, i64 %v548
  store <16 x float> %v493, ptr %v549, align 4
  br label %end542
end542:
  %v550 = icmp slt i64 5, %v140
  br i1 %v550, label %then551, label %end552
then551:
  %v553 = add nsw i64 %i136, 5
  %v554 = add nsw i64 %v106, %v553
  %v555 = mul nsw i64 %v554, 8
  %v556 = getelementptr inbounds i8, ptr %v32, i64 %v555
  %v557 = load i64, ptr %v556, align 8
  %v558 = mul nsw i64 %v557, 64
  %v559 = getelementptr inbounds i8, ptr %v127, i64 %v558
  store <16 x float> %v495, ptr %v559, align 4
  br label %end552
end552:
  %v560 = icmp slt i64 6, %v140
  br i1 %v560, label %then561, label %end562
then561:
  %v563 = add nsw i64 %i136, 6
  %v564 = add nsw i64 %v106, %v563
  %v565 = mul nsw i64 %v564, 8
  %v566 = getelementptr inbounds i8, ptr %v32, i64 %v565
  %v567 = load i64, ptr %v566, align 8
  %v568 = mul nsw i64 %v567, 64
  %v569 = getelementptr inbounds i8, ptr %v127, i64 %v568
  store <16 x float> %v497, ptr %v569, align 4
  br label %end562
end562:
  %v570 = icmp slt i64 7, %v140
  br i1 %v570, label %then571, label %end572
then571:
  %v573 = add nsw i64 %i136, 7
  %v574 = add nsw i64 %v106, %v573
  %v575 = mul nsw i64 %v574, 8
  %v576 = getelementptr inbounds i8, ptr %v32, i64 %v575
  %v577 = load i64, ptr %v576, align 8
  %v578 = mul nsw i64 %v577, 64
  %v579 = getelementptr inbounds i8, ptr %v127, i64 %v578
  store <16 x float> %v499, ptr %v579, align 4
  br label %end572
end572:
  %v580 = icmp slt i64 8, %v140
  br i1 %v580, label %then581, label %end582
then581:
  %v583 = add nsw i64 %i136, 8
  %v584 = add nsw i64 %v106, %v583
  %v585 = mul nsw i64 %v584, 8
  %v586 = getelementptr inbounds i8, ptr %v32, i64 %v585
  %v587 = load i64, ptr %v586, align 8
  %v588 = mul nsw i64 %v587, 64
  %v589 = getelementptr inbounds i8, ptr %v127, i64 %v588
  store <16 x float> %v486, ptr %v589, align 4
  br label %end582
end582:
  %v590 = icmp slt i64 9, %v140
  br i1 %v590, label %then591, label %end592
then591:
  %v593 = add nsw i64 %i136, 9
  %v594 = add nsw i64 %v106, %v593
  %v595 = mul nsw i64 %v594, 8
  %v596 = getelementptr inbounds i8, ptr %v32, i64 %v595
  %v597 = load i64, ptr %v596, align 8
  %v598 = mul nsw i64 %v597, 64
  %v599 = getelementptr inbounds i8, ptr %v127, i64 %v598
  store <16 x float> %v488, ptr %v599, align 4
  br label %end592
end592:
  %v600 = icmp slt i64 10, %v140
  br i1 %v600, label %then601, label %end602
then601:
  %v603 = add nsw i64 %i136, 10
  %v604 = add nsw i64 %v106, %v603
  %v605 = mul nsw i64 %v604, 8
  %v606 = getelementptr inbounds i8, ptr %v32, i64 %v605
  %v607 = load i64, ptr %v606, align 8
  %v608 = mul nsw i64 %v607, 64
  %v609 = getelementptr inbounds i8, ptr %v127, i64 %v608
  store <16 x float> %v490, ptr %v609, align 4
  br label %end602
end602:
  %v610 = icmp slt i64 11, %v140
  br i1 %v610, label %then611, label %end612
then611:
  %v613 = add nsw i64 %i136, 11
  %v614 = add nsw i64 %v106, %v613
  %v615 = mul nsw i64 %v614, 8
  %v616 = getelementptr inbounds i8, ptr %v32, i64 %v615
  %v617 = load i64, ptr %v616, align 8
  %v618 = mul nsw i64 %v617, 64
  %v619 = getelementptr inbounds i8, ptr %v127, i64 %v618
  store <16 x float> %v492, ptr %v619, align 4
  br label %end612
end612:
  %v620 = icmp slt i64 12, %v140
  br i1 %v620, label %then621, label %end622
then621:
  %v623 = add nsw i64 %i136, 12
  %v624 = add nsw i64 %v106, %v623
  %v625 = mul nsw i64 %v624, 8
  %v626 = getelementptr inbounds i8, ptr %v32, i64 %v625
  %v627 = load i64, ptr %v626, align 8
  %v628 = mul nsw i64 %v627, 64
  %v629 = getelementptr inbounds i8, ptr %v127, i64 %v628
  store <16 x float> %v494, ptr %v629, align 4
  br label %end622
end622:
  %v630 = icmp slt i64 13, %v140
  br i1 %v630, label %then631, label %end632
then631:
  %v633 = add nsw i64 %i136, 13
  %v634 = add nsw i64 %v106, %v633
  %v635 = mul nsw i64 %v634, 8
  %v636 = getelementptr inbounds i8, ptr %v32, i64 %v635
  %v637 = load i64, ptr %v636, align 8
  %v638 = mul nsw i64 %v637, 64
  %v639 = getelementptr inbounds i8, ptr %v127, i64 %v638
  store <16 x float> %v496, ptr %v639, align 4
  br label %end632
end632:
  %v640 = icmp slt i64 14, %v140
  br i1 %v640, label %then641, label %end642
then641:
  %v643 = add nsw i64 %i136, 14
  %v644 = add nsw i64 %v106, %v643
  %v645 = mul nsw i64 %v644, 8
  %v646 = getelementptr inbounds i8, ptr %v32, i64 %v645
  %v647 = load i64, ptr %v646, align 8
  %v648 = mul nsw i64 %v647, 64
  %v649 = getelementptr inbounds i8, ptr %v127, i64 %v648
  store <16 x float> %v498, ptr %v649, align 4
  br label %end642
end642:
  %v650 = icmp slt i64 15, %v140
  br i1 %v650, label %then651, label %end652
then651:
  %v653 = add nsw i64 %i136, 15
  %v654 = add nsw i64 %v106, %v653
  %v655 = mul nsw i64 %v654, 8
  %v656 = getelementptr inbounds i8, ptr %v32, i64 %v655
  %v657 = load i64, ptr %v656, align 8
  %v658 = mul nsw i64 %v657, 64
  %v659 = getelementptr inbounds i8, ptr %v127, i64 %v658
  store <16 x float> %v500, ptr %v659, align 4
  br label %end652
end652:
  %v660 = load <16 x float>, ptr %frame39, align 4
  %v661 = fmul <16 x float> %v421, zeroinitializer
  %v662 = fmul <16 x float> %v422, zeroinitializer
  %v663 = fmul <16 x float> %v423, zeroinitializer
  %v664 = fmul <16 x float> %v424, zeroinitializer
  %v665 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v425, <16 x float> zeroinitializer, <16 x float> %v661)
  %v666 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v426, <16 x float> zeroinitializer, <16 x float> %v662)
  %v667 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v427, <16 x float> zeroinitializer, <16 x float> %v663)
  %v668 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v428, <16 x float> zeroinitializer, <16 x float> %v664)
  %v669 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v429, <16 x float> zeroinitializer, <16 x float> %v665)
  %v670 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v430, <16 x float> zeroinitializer, <16 x float> %v666)
  %v671 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v431, <16 x float> zeroinitializer, <16 x float> %v667)
  %v672 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v432, <16 x float> zeroinitializer, <16 x float> %v668)
  %v673 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v433, <16 x float> zeroinitializer, <16 x float> %v669)
  %v674 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v434, <16 x float> zeroinitializer, <16 x float> %v670)
  %v675 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v435, <16 x float> zeroinitializer, <16 x float> %v671)
  %v676 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v436, <16 x float> zeroinitializer, <16 x float> %v672)
  %v677 = fadd <16 x float> %v673, %v674
  %v678 = fadd <16 x float> %v677, %v675
  %v679 = fadd <16 x float> %v678, %v676
  %v680 = fadd <16 x float> %v660, %v679
  store <16 x float> %v680, ptr %frame39, align 4
  br label %end144
end144:
  %v681 = add nsw i64 %i136, 16
  br label %head133
end135:
  br label %end132
else131:
  br label %head682
head682:
  %i685 = phi i64 [ %i110, %else131 ], [ %v710, %end697 ]
  %v686 = icmp slt i64 %i685, %v118
  br i1 %v686, label %body683, label %end684
body683:
  %v687 = add nsw i64 %v106, %i685
  %v688 = mul nsw i64 %v687, 8
  %v689 = getelementptr inbounds i8, ptr %v32, i64 %v688
  %v690 = load i64, ptr %v689, align 8
  %v691 = mul nsw i64 %v690, 64
  %v692 = getelementptr inbounds i8, ptr %v127, i64 %v691
  store <16 x float> zeroinitializer, ptr %v692, align 4
  %v693 = mul nsw i64 %i685, 4
  %v694 = getelementptr inbounds i8, ptr %v128, i64 %v693
  br label %head695
head695:
  %i698 = phi i64 [ 0, %body683 ], [ %v705, %body696 ]
  %v699 = icmp slt i64 %i698, %v125
  br i1 %v699, label %body696, label %end697
body696:
  %v700 = mul nsw i64 %i698, %v24
  %v701 = getelementptr inbounds i8, ptr %v694, i64 %v700
  %v702 = load float, ptr %v701, align 1
  %v703 = mul nsw i64 %i698, 4
  %v704 = getelementptr inbounds i8, ptr %v692, i64 %v703
  store float %v702, ptr %v704, align 4
  %v705 = add nsw i64 %i698, 1
  br label %head695
end697:
  %v706 = load <16 x float>, ptr %v692, align 4
  %v707 = load <16 x float>, ptr %frame39, align 4
  %v708 = fmul <16 x float> %v706, zeroinitializer
  %v709 = fadd <16 x float> %v707, %v708
  store <16 x float> %v709, ptr %frame39, align 4
  %v710 = add nsw i64 %i685, 1
  br label %head682
end684:
  br label %end132
end132:
  %v711 = add nsw i64 %i115, 16
  br label %head112
end114:
  %v712 = add nsw i64 %i110, 16
  br label %head107
end109:
  %v713 = add nsw i64 %i101, 1
  br label %head98
end100:
  %v714 = add nsw i64 %i91, 1
  br label %head88
end90:
  %v715 = load <16 x float>, ptr %frame39, align 4
  %v716 = fcmp uno <16 x float> %v715, zeroinitializer
  %v717 = bitcast <16 x i1> %v716 to i16
  %v718 = icmp ne i16 %v717, 0
  br i1 %v718, label %then719, label %end720
then719:
  store i64 1, ptr %v38, align 8
  br label %end720
end720:
  br label %draw64
drawn66:
  %v721 = add nsw i64 %i51, 1
  br label %head48
end50:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
