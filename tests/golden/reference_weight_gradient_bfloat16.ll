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
  %v38 = load i64, ptr %v37, align 8
  %v39 = getelementptr inbounds i8, ptr %args, i64 184
  %v40 = load i64, ptr %v39, align 8
  %v41 = getelementptr inbounds i8, ptr %args, i64 192
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i8, ptr %args, i64 200
  %v44 = load i64, ptr %v43, align 8
  %v45 = getelementptr inbounds i8, ptr %args, i64 208
  %v46 = load i64, ptr %v45, align 8
  %v47 = getelementptr inbounds i8, ptr %args, i64 216
  %v48 = load i64, ptr %v47, align 8
  %v49 = getelementptr inbounds i8, ptr %args, i64 224
  %v50 = load i64, ptr %v49, align 8
  %v51 = getelementptr inbounds i8, ptr %args, i64 232
  %v52 = load i64, ptr %v51, align 8
  %v53 = getelementptr inbounds i8, ptr %args, i64 240
  %v54 = load i64, ptr %v53, align 8
  %v55 = getelementptr inbounds i8, ptr %args, i64 248
  %v56 = load i64, ptr %v55, align 8
  %v57 = getelementptr inbounds i8, ptr %args, i64 256
  %v58 = load i64, ptr %v57, align 8
  %v59 = getelementptr inbounds i8, ptr %args, i64 264
  %v60 = load i64, ptr %v59, align 8
  %v61 = getelementptr inbounds i8, ptr %args, i64 272
  %v62 = load i64, ptr %v61, align 8
  %v63 = getelementptr inbounds i8, ptr %args, i64 280
  %v64 = load i64, ptr %v63, align 8
  %v65 = getelementptr inbounds i8, ptr %args, i64 288
  %v66 = load i64, ptr %v65, align 8
  %v67 = getelementptr inbounds i8, ptr %args, i64 296
  %v68 = load i64, ptr %v67, align 8
  %v69 = getelementptr inbounds i8, ptr %args, i64 304
  %v70 = load i64, ptr %v69, align 8
  %v71 = getelementptr inbounds i8, ptr %args, i64 312
  %v72 = load i64, ptr %v71, align 8
  %v73 = getelementptr inbounds i8, ptr %args, i64 320
  %v74 = load i64, ptr %v73, align 8
  %v75 = getelementptr inbounds i8, ptr %args, i64 328
  %v76 = load i64, ptr %v75, align 8
  %v77 = getelementptr inbounds i8, ptr %args, i64 336
  %v78 = load i64, ptr %v77, align 8
  %v79 = getelementptr inbounds i8, ptr %args, i64 344
  %v80 = load i64, ptr %v79, align 8
  %v81 = getelementptr inbounds i8, ptr %args, i64 352
  %v82 = load ptr, ptr %v81, align 8
  %v83 = getelementptr inbounds i8, ptr %args, i64 360
  %v84 = load ptr, ptr %v83, align 8
  %v85 = getelementptr inbounds i8, ptr %args, i64 368
  %v86 = load ptr, ptr %v85, align 8
  %v87 = getelementptr inbounds i8, ptr %args, i64 376
  %v88 = load ptr, ptr %v87, align 8
  %v89 = add nsw i64 %threads, 1
  %v90 = udiv i64 %v89, 2
  %v91 = call i64 @llvm.smin.i64(i64 %v90, i64 4)
  %v92 = icmp sge i64 %v2, 2147483648
  %v93 = urem i64 %thread, 2
  %v94 = icmp eq i64 %v93, 1
  %v95 = select i1 %v92, i1 false, i1 %v94
  %v96 = select i1 %v95, i64 4294967296, i64 1
  br label %head97
head97:
  %i100 = phi i64 [ 0, %entry ], [ %v241, %drawn115 ]
  %v101 = icmp slt i64 %i100, %v91
  br i1 %v101, label %body98, label %end99
body98:
  %v102 = udiv i64 %thread, 2
  %v103 = add nsw i64 %v102, %i100
  %v104 = urem i64 %v103, %v91
  %v105 = mul nsw i64 %v2, %v104
  %v106 = udiv i64 %v105, %v91
  %v107 = add nsw i64 %v104, 1
  %v108 = mul nsw i64 %v2, %v107
  %v109 = udiv i64 %v108, %v91
  %v110 = sub nsw i64 %v109, %v106
  %v111 = mul nsw i64 %v104, 8
  %v112 = getelementptr inbounds i8, ptr %args, i64 %v111
  br label %draw113
draw113:
  %v116 = atomicrmw add ptr %v112, i64 %v96 monotonic
  %v117 = lshr i64 %v116, 32
  %v118 = select i1 %v92, i64 0, i64 %v117
  %v119 = mul nsw i64 %v118, 4294967296
  %v120 = sub nsw i64 %v116, %v119
  %v121 = add nsw i64 %v118, %v120
  %v122 = icmp slt i64 %v121, %v110
  br i1 %v122, label %item114, label %drawn115
item114:
  %v123 = add nsw i64 %v110, -1
  %v124 = sub nsw i64 %v123, %v118
  %v125 = select i1 %v95, i64 %v124, i64 %v120
  %v126 = add nsw i64 %v106, %v125
  %v127 = mul nsw i64 %v126, %v4
  %v128 = add nsw i64 %v127, %v4
  %v129 = call i64 @llvm.smin.i64(i64 %v128, i64 %v6)
  br label %head130
head130:
  %i133 = phi i64 [ %v127, %item114 ], [ %v240, %end154 ]
  %v134 = icmp slt i64 %i133, %v129
  br i1 %v134, label %body131, label %end132
body131:
  %v135 = urem i64 %i133, %v32
  %v136 = udiv i64 %i133, %v32
  %v137 = urem i64 %v136, %v30
  %v138 = udiv i64 %v136, %v30
  %v139 = urem i64 %v138, %v28
  %v140 = udiv i64 %v138, %v28
  %v141 = urem i64 %v140, %v14
  %v142 = udiv i64 %v140, %v14
  %v143 = urem i64 %v142, %v12
  %v144 = udiv i64 %v142, %v12
  %v145 = mul nsw i64 %v144, %v12
  %v146 = add nsw i64 %v145, %v143
  %v147 = mul nsw i64 %v144, %v14
  %v148 = add nsw i64 %v147, %v141
  %v149 = mul nsw i64 %v8, %v16
  %v150 = mul nsw i64 %v149, %v18
  %v151 = mul nsw i64 %v150, %v20
  br label %head152
head152:
  %i155 = phi i64 [ 0, %body131 ], [ %v216, %end182 ]
  %c156 = phi double [ 0.0, %body131 ], [ %v215, %end182 ]
  %v157 = icmp slt i64 %i155, %v151
  br i1 %v157, label %body153, label %end154
body153:
  %v158 = urem i64 %i155, %v20
  %v159 = udiv i64 %i155, %v20
  %v160 = urem i64 %v159, %v18
  %v161 = udiv i64 %v159, %v18
  %v162 = urem i64 %v161, %v16
  %v163 = udiv i64 %v161, %v16
  %v164 = mul nsw i64 %v162, %v34
  %v165 = mul nsw i64 %v139, %v46
  %v166 = add nsw i64 %v164, %v165
  %v167 = sub nsw i64 %v166, %v40
  %v168 = mul nsw i64 %v160, %v36
  %v169 = mul nsw i64 %v137, %v48
  %v170 = add nsw i64 %v168, %v169
  %v171 = sub nsw i64 %v170, %v42
  %v172 = mul nsw i64 %v158, %v38
  %v173 = mul nsw i64 %v135, %v50
  %v174 = add nsw i64 %v172, %v173
  %v175 = sub nsw i64 %v174, %v44
  %v176 = icmp ult i64 %v167, %v22
  %v177 = icmp ult i64 %v171, %v24
  %v178 = icmp ult i64 %v175, %v26
  %v179 = and i1 %v176, %v177
  %v180 = and i1 %v179, %v178
  br i1 %v180, label %then181, label %end182
then181:
  %v183 = mul nsw i64 %v163, %v52
  %v184 = mul nsw i64 %v148, %v54
  %v185 = mul nsw i64 %v167, %v56
  %v186 = mul nsw i64 %v171, %v58
  %v187 = mul nsw i64 %v175, %v60
  %v188 = add nsw i64 %v183, %v184
  %v189 = add nsw i64 %v188, %v185
  %v190 = add nsw i64 %v189, %v186
  %v191 = add nsw i64 %v190, %v187
  %v192 = getelementptr inbounds i8, ptr %v82, i64 %v191
  %v193 = mul nsw i64 %v163, %v62
  %v194 = mul nsw i64 %v146, %v64
  %v195 = mul nsw i64 %v162, %v66
  %v196 = mul nsw i64 %v160, %v68
  %v197 = mul nsw i64 %v158, %v70
  %v198 = add nsw i64 %v193, %v194
  %v199 = add nsw i64 %v198, %v195
  %v200 = add nsw i64 %v199, %v196
  %v201 = add nsw i64 %v200, %v197
  %v202 = getelementptr inbounds i8, ptr %v84, i64 %v201
  %v203 = load i16, ptr %v192, align 1
  %v204 = zext i16 %v203 to i32
  %v205 = shl i32 %v204, 16
  %v206 = bitcast i32 %v205 to float
  %v207 = load i16, ptr %v202, align 1
  %v208 = zext i16 %v207 to i32
  %v209 = shl i32 %v208, 16
  %v210 = bitcast i32 %v209 to float
  %v211 = fpext float %v206 to double
  %v212 = fpext float %v210 to double
  %v213 = fmul double %v211, %v212
  %v214 = fadd double %c156, %v213
  br label %end182
end182:
  %v215 = phi double [ %c156, %body153 ], [ %v214, %then181 ]
  %v216 = add nsw i64 %i155, 1
  br label %head152
end154:
  %v217 = mul nsw i64 %v146, %v72
  %v218 = mul nsw i64 %v141, %v74
  %v219 = mul nsw i64 %v139, %v76
  %v220 = mul nsw i64 %v137, %v78
  %v221 = mul nsw i64 %v135, %v80
  %v222 = add nsw i64 %v217, %v218
  %v223 = add nsw i64 %v222, %v219
  %v224 = add nsw i64 %v223, %v220
  %v225 = add nsw i64 %v224, %v221
  %v226 = getelementptr inbounds i8, ptr %v86, i64 %v225
  %v227 = fptrunc double %c156 to float
  %v228 = insertelement <1 x float> poison, float %v227, i64 0
  %v229 = bitcast <1 x float> %v228 to <1 x i32>
  %v230 = lshr <1 x i32> %v229, <i32 16>
  %v231 = and <1 x i32> %v230, <i32 1>
  %v232 = add <1 x i32> %v231, <i32 32767>
  %v233 = add <1 x i32> %v229, %v232
  %v234 = lshr <1 x i32> %v233, <i32 16>
  %v235 = or <1 x i32> %v230, <i32 64>
  %v236 = fcmp uno <1 x float> %v228, zeroinitializer
  %v237 = select <1 x i1> %v236, <1 x i32> %v235, <1 x i32> %v234
  %v238 = trunc <1 x i32> %v237 to <1 x i16>
  %v239 = extractelement <1 x i16> %v238, i64 0
  store i16 %v239, ptr %v226, align 1
  %v240 = add nsw i64 %i133, 1
  br label %head130
end132:
  br label %draw113
drawn115:
  %v241 = add nsw i64 %i100, 1
  br label %head97
end99:
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }
