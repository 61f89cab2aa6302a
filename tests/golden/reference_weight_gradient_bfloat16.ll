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
  %v38 = load i64, ptr %v37, align 8
  %v39 = getelementptr inbounds i8, ptr %args, i64 160
  %v40 = load i64, ptr %v39, align 8
  %v41 = getelementptr inbounds i8, ptr %args, i64 168
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i8, ptr %args, i64 176
  %v44 = load i64, ptr %v43, align 8
  %v45 = getelementptr inbounds i8, ptr %args, i64 184
  %v46 = load i64, ptr %v45, align 8
  %v47 = getelementptr inbounds i8, ptr %args, i64 192
  %v48 = load i64, ptr %v47, align 8
  %v49 = getelementptr inbounds i8, ptr %args, i64 200
  %v50 = load i64, ptr %v49, align 8
  %v51 = getelementptr inbounds i8, ptr %args, i64 208
  %v52 = load i64, ptr %v51, align 8
  %v53 = getelementptr inbounds i8, ptr %args, i64 216
  %v54 = load i64, ptr %v53, align 8
  %v55 = getelementptr inbounds i8, ptr %args, i64 224
  %v56 = load i64, ptr %v55, align 8
  %v57 = getelementptr inbounds i8, ptr %args, i64 232
  %v58 = load i64, ptr %v57, align 8
  %v59 = getelementptr inbounds i8, ptr %args, i64 240
  %v60 = load i64, ptr %v59, align 8
  %v61 = getelementptr inbounds i8, ptr %args, i64 248
  %v62 = load i64, ptr %v61, align 8
  %v63 = getelementptr inbounds i8, ptr %args, i64 256
  %v64 = load i64, ptr %v63, align 8
  %v65 = getelementptr inbounds i8, ptr %args, i64 264
  %v66 = load i64, ptr %v65, align 8
  %v67 = getelementptr inbounds i8, ptr %args, i64 272
  %v68 = load i64, ptr %v67, align 8
  %v69 = getelementptr inbounds i8, ptr %args, i64 280
  %v70 = load i64, ptr %v69, align 8
  %v71 = getelementptr inbounds i8, ptr %args, i64 288
  %v72 = load i64, ptr %v71, align 8
  %v73 = getelementptr inbounds i8, ptr %args, i64 296
  %v74 = load i64, ptr %v73, align 8
  %v75 = getelementptr inbounds i8, ptr %args, i64 304
  %v76 = load i64, ptr %v75, align 8
  %v77 = getelementptr inbounds i8, ptr %args, i64 312
  %v78 = load i64, ptr %v77, align 8
  %v79 = getelementptr inbounds i8, ptr %args, i64 320
  %v80 = load i64, ptr %v79, align 8
  %v81 = getelementptr inbounds i8, ptr %args, i64 328
  %v82 = load ptr, ptr %v81, align 8
  %v83 = getelementptr inbounds i8, ptr %args, i64 336
  %v84 = load ptr, ptr %v83, align 8
  %v85 = getelementptr inbounds i8, ptr %args, i64 344
  %v86 = load ptr, ptr %v85, align 8
  %v87 = getelementptr inbounds i8, ptr %args, i64 352
  %v88 = load ptr, ptr %v87, align 8
  br label %draw89
draw89:
  %v92 = atomicrmw add ptr %args, i64 1 monotonic
  %v93 = icmp slt i64 %v92, %v2
  br i1 %v93, label %item90, label %drawn91
item90:
  %v94 = mul nsw i64 %v92, %v4
  %v95 = add nsw i64 %v94, %v4
  %v96 = call i64 @llvm.smin.i64(i64 %v95, i64 %v6)
  br label %head97
head97:
  %i100 = phi i64 [ %v94, %item90 ], [ %v207, %end121 ]
  %v101 = icmp slt i64 %i100, %v96
  br i1 %v101, label %body98, label %end99
body98:
  %v102 = urem i64 %i100, %v32
  %v103 = udiv i64 %i100, %v32
  %v104 = urem i64 %v103, %v30
  %v105 = udiv i64 %v103, %v30
  %v106 = urem i64 %v105, %v28
  %v107 = udiv i64 %v105, %v28
  %v108 = urem i64 %v107, %v14
  %v109 = udiv i64 %v107, %v14
  %v110 = urem i64 %v109, %v12
  %v111 = udiv i64 %v109, %v12
  %v112 = mul nsw i64 %v111, %v12
  %v113 = add nsw i64 %v112, %v110
  %v114 = mul nsw i64 %v111, %v14
  %v115 = add nsw i64 %v114, %v108
  %v116 = mul nsw i64 %v8, %v16
  %v117 = mul nsw i64 %v116, %v18
  %v118 = mul nsw i64 %v117, %v20
  br label %head119
head119:
  %i122 = phi i64 [ 0, %body98 ], [ %v183, %end149 ]
  %c123 = phi double [ 0.0, %body98 ], [ %v182, %end149 ]
  %v124 = icmp slt i64 %i122, %v118
  br i1 %v124, label %body120, label %end121
body120:
  %v125 = urem i64 %i122, %v20
  %v126 = udiv i64 %i122, %v20
  %v127 = urem i64 %v126, %v18
  %v128 = udiv i64 %v126, %v18
  %v129 = urem i64 %v128, %v16
  %v130 = udiv i64 %v128, %v16
  %v131 = mul nsw i64 %v129, %v34
  %v132 = mul nsw i64 %v106, %v46
  %v133 = add nsw i64 %v131, %v132
  %v134 = sub nsw i64 %v133, %v40
  %v135 = mul nsw i64 %v127, %v36
  %v136 = mul nsw i64 %v104, %v48
  %v137 = add nsw i64 %v135, %v136
  %v138 = sub nsw i64 %v137, %v42
  %v139 = mul nsw i64 %v125, %v38
  %v140 = mul nsw i64 %v102, %v50
  %v141 = add nsw i64 %v139, %v140
  %v142 = sub nsw i64 %v141, %v44
  %v143 = icmp ult i64 %v134, %v22
  %v144 = icmp ult i64 %v138, %v24
  %v145 = icmp ult i64 %v142, %v26
  %v146 = and i1 %v143, %v144
  %v147 = and i1 %v146, %v145
  br i1 %v147, label %then148, label %end149
then148:
  %v150 = mul nsw i64 %v130, %v52
  %v151 = mul nsw i64 %v115, %v54
  %v152 = mul nsw i64 %v134, %v56
  %v153 = mul nsw i64 %v138, %v58
  %v154 = mul nsw i64 %v142, %v60
  %v155 = add nsw i64 %v150, %v151
  %v156 = add nsw i64 %v155, %v152
  %v157 = add nsw i64 %v156, %v153
  %v158 = add nsw i64 %v157, %v154
  %v159 = getelementptr inbounds i8, ptr %v82, i64 %v158
  %v160 = mul nsw i64 %v130, %v62
  %v161 = mul nsw i64 %v113, %v64
  %v162 = mul nsw i64 %v129, %v66
  %v163 = mul nsw i64 %v127, %v68
  %v164 = mul nsw i64 %v125, %v70
  %v165 = add nsw i64 %v160, %v161
  %v166 = add nsw i64 %v165, %v162
  %v167 = add nsw i64 %v166, %v163
  %v168 = add nsw i64 %v167, %v164
  %v169 = getelementptr inbounds i8, ptr %v84, i64 %v168
  %v170 = load i16, ptr %v159, align 1
  %v171 = zext i16 %v170 to i32
  %v172 = shl i32 %v171, 16
  %v173 = bitcast i32 %v172 to float
  %v174 = load i16, ptr %v169, align 1
  %v175 = zext i16 %v174 to i32
  %v176 = shl i32 %v175, 16
  %v177 = bitcast i32 %v176 to float
  %v178 = fpext float %v173 to double
  %v179 = fpext float %v177 to double
  %v180 = fmul double %v178, %v179
  %v181 = fadd double %c123, %v180
  br label %end149
end149:
  %v182 = phi double [ %c123, %body120 ], [ %v181, %then148 ]
  %v183 = add nsw i64 %i122, 1
  br label %head119
end121:
  %v184 = mul nsw i64 %v113, %v72
  %v185 = mul nsw i64 %v108, %v74
  %v186 = mul nsw i64 %v106, %v76
  %v187 = mul nsw i64 %v104, %v78
  %v188 = mul nsw i64 %v102, %v80
  %v189 = add nsw i64 %v184, %v185
  %v190 = add nsw i64 %v189, %v186
  %v191 = add nsw i64 %v190, %v187
  %v192 = add nsw i64 %v191, %v188
  %v193 = getelementptr inbounds i8, ptr %v86, i64 %v192
  %v194 = fptrunc double %c123 to float
  %v195 = insertelement <1 x float> poison, float %v194, i64 0
  %v196 = bitcast <1 x float> %v195 to <1 x i32>
  %v197 = lshr <1 x i32> %v196, <i32 16>
  %v198 = and <1 x i32> %v197, <i32 1>
  %v199 = add <1 x i32> %v198, <i32 32767>
  %v200 = add <1 x i32> %v196, %v199
  %v201 = lshr <1 x i32> %v200, <i32 16>
  %v202 = or <1 x i32> %v197, <i32 64>
  %v203 = fcmp uno <1 x float> %v195, zeroinitializer
  %v204 = select <1 x i1> %v203, <1 x i32> %v202, <1 x i32> %v201
  %v205 = trunc <1 x i32> %v204 to <1 x i16>
  %v206 = extractelement <1 x i16> %v205, i64 0
  store i16 %v206, ptr %v193, align 1
  %v207 = add nsw i64 %i100, 1
  br label %head97
end99:
  br label %draw89
drawn91:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
