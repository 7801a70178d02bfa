## Titles of the sample tests, by the sample's key

sample-title-spring-personality = 2026년 상반기 신입 공채 인성검사
sample-title-team-leads = 2026년 팀장 승진 대상자 성격검사
sample-title-broken-branch = 2026년 지점 영업직 인성검사 (엑셀 변환본)
sample-title-dropped = 2026년 계약직 전환 성격검사
sample-title-spring-reasoning = 2026년 상반기 신입 공채 추론능력검사
sample-title-interns = 2026년 하계 인턴 추론능력검사
sample-title-experienced = 2026년 경력직 수시채용 인성검사
sample-title-autumn-personality = 2025년 하반기 신입 공채 인성검사
sample-title-autumn-reasoning = 2025년 하반기 신입 공채 추론능력검사
sample-title-research = 2026년 연구직 추론능력검사
sample-title-wellbeing = 2025년 전사 조직적응 성격진단
sample-title-production = 2026년 생산직 인성검사 (창원·구미)
sample-title-digital = 2026년 디지털 직군 전환 추론능력검사
sample-title-overseas = 2026년 해외 주재원 선발 성격검사
sample-title-pilot = 추론능력검사 문항 예비조사
sample-title-affiliates = 2025년 계열사 통합 인성검사
sample-title-norms = 2026년 성격검사 전국 규준 개정 연구
sample-title-spring-second = 2026년 상반기 2차 공채 인성검사
sample-title-autumn-second = 2026년 하반기 공채 추론능력검사
sample-title-designers = 2026년 디자인 직군 성격검사
sample-title-call-center = 2026년 고객상담직 인성검사
sample-title-it-campus = 2026년 IT 캠퍼스 추론능력검사
sample-title-managers = 2025년 관리자 역량진단

# The reason of the one that is cancelled
sample-cancel-reason = 예시: 응시가 연기되어 취소함
