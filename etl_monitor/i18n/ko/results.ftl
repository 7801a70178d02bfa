## 검사 결과

delete = 삭제
delete-title = 이 검사를 삭제할까요?
delete-question = ‘{ $title }’ 검사를 삭제합니다.
delete-consequence = 답안, 점수, 문서, 작업 이력이 함께 삭제되며 되돌릴 수 없습니다.
delete-yes = 완전히 삭제
samples-about = 지금 보이는 검사는 예시입니다. 진행 상황에서 채점 과정을 지켜보거나, 제목을 눌러 결과를 읽거나, 답안 파일을 직접 올려 보세요.
samples-replay = 예시 다시 실행
samples-remove = 예시 데이터 지우기
samples-title = 예시 데이터를 지울까요?
samples-question = 예시 검사와 그 점수를 모두 삭제합니다. 직접 올린 검사는 그대로 남습니다.
samples-yes = 예시 데이터 지우기
search = 검색
search-hint = 제목, 담당자, ID로 검색
completion = 검색어 제안
completion-status = 상태
completion-person = 담당자
completion-kind = 종류
results-none = 아직 검사 결과가 없습니다. 답안 파일을 올려 시작하세요.
results-none-found = 조건에 맞는 결과가 없습니다. 검색어를 지우거나 필터를 바꿔 보세요.
results-total = 검사 결과 { NUMBER($n) }건
respondents = 응시자 { NUMBER($n) }명
uploaded = { $ago } 올림
sample = 예시
results-by-newest = 최신순
results-by-lastRun = 최근 실행순
results-by-title = 제목순
results-by-person = 담당자순
results-by-respondents = 응시자 많은 순
waiting-results = 새 결과 { $n }건 보기
result-select = { $title } 선택
documents = 문서 { $n }건
list-as-of = { $at } 기준 목록입니다.
results-not-live = 실시간 연결이 끊겨 { $at }까지 받은 내용을 표시합니다.
reprocess-all = { $n ->
    [1] 이 1건 다시 채점
   *[other] { NUMBER($n) }건 모두 다시 채점
}
reprocess-many-title = 검사 { NUMBER($n) }건 다시 채점
reprocess-many-question = 검사마다 새 작업이 만들어집니다. 이미 처리 중인 검사는 그대로 둡니다.
reprocess-many-limit = { NUMBER($total) }건 중 앞의 { NUMBER($n) }건만 채점합니다. 나머지는 이후에 다시 채점하세요.
reprocess-many-yes = { NUMBER($n) }건 다시 채점
reprocess-many-done = 작업 { NUMBER($n) }건을 대기열에 넣었습니다.
reprocess-many-refused = { NUMBER($n) }건 제외: { $problem }
