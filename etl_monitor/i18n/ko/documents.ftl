## 결과 문서(마크다운)

document-summary = 요약
document-scored = 응시자 { NUMBER($total) }명 중 { NUMBER($usable) }명을 채점했습니다.
document-all-used = 제외된 행이 없습니다.
document-excluded = 제외: { $reasons }.
document-excluded-no_respondent_id = { reason-no_respondent_id } { NUMBER($n) }개
document-excluded-missing = { reason-missing } { NUMBER($n) }명
document-excluded-out_of_range = { reason-out_of_range } { NUMBER($n) }명
document-excluded-duplicate = { reason-duplicate } { NUMBER($n) }명
document-excluded-straight_lining = { reason-straight_lining } { NUMBER($n) }명
document-excluded-malformed = { reason-malformed } { NUMBER($n) }개
document-scales = 척도
document-median = 중앙값
document-reliability = 신뢰도({ column-alpha }) 범위: { $lowest }~{ $highest }.
document-no-reliability = 이 응답으로는 신뢰도를 계산할 수 없습니다.
document-groups = 집단
document-n = 인원
document-profile = { $scale }: 평균 { $mean }점 / { $highest }점(가능 범위의 { $share }%), 응시자의 절반이 { $p25 }점에서 { $p75 }점 사이에 있습니다.
document-widest-gap = 집단 간 차이가 가장 큰 척도: { $scale } ({ $high } > { $low }, 표준편차의 { $gap }배).
document-skill = { $scale }: 평균 정답률 { $share }% (평균 { $mean }점 / { $highest }점, 중앙값 { $p50 }점).
document-easiest-hardest = 가장 쉬운 문항: { $easiest } (정답률 { $easy }%), 가장 어려운 문항: { $hardest } (정답률 { $hard }%).
document-strongest-weakest = 가장 높은 영역: { $strongest }, 가장 낮은 영역: { $weakest }.
document-items = 확인이 필요한 문항
document-no-item = 특이한 문항이 없습니다.
