## 오류: 무슨 일이, 왜, 어떻게

problem-unknown = 작업이 실패했으나 이유가 전달되지 않았습니다.
advice-retry = 작업을 재시도해 보세요. 또 실패하면 기술 정보를 서비스 담당자에게 전달하세요.
advice-file = 파일을 고쳐서 새로 올리세요. 같은 파일로 재시도하면 결과도 같습니다.
log-rows_read = { NUMBER($rows) }행을 읽음, 열 개수가 맞지 않는 행 { NUMBER($malformed) }개
log-restarted = 서비스가 재시작되어 작업이 대기열로 돌아갔습니다. 처음부터 다시 처리합니다.
log-rows_not_used = { NUMBER($total) }행 중 { NUMBER($count) }행 제외: { $reason }
bad-rows = 처음 몇 행은 다음과 같습니다.
bad-row = { $row }행(응시자 { $respondent })
bad-row-unnamed = { $row }행
counted = { $reason } { NUMBER($n) }건
reason-no_respondent_id = respondent_id가 없는 행
reason-missing = 무응답 과다
reason-out_of_range = 범위를 벗어난 응답
reason-duplicate = 중복 응시자
reason-straight_lining = 동일 응답 반복
reason-malformed = 열 개수가 맞지 않는 행
error-too_many_invalid_rows = 전체 { NUMBER($total) }행 중 절반이 넘는 { NUMBER($unusable) }행을 사용할 수 없습니다({ $reasons }).
error-too_many_invalid_rows-all = { NUMBER($total) }행을 모두 쓸 수 없습니다: { $reasons }.
advice-too_many_invalid_rows = 파일을 고치거나, 파일에 맞는 검사 종류로 다시 올리세요.
error-empty_file = 파일이 비어 있습니다. 응시자 한 명당 한 행이 있는 CSV 또는 Parquet 파일을 고르세요.
error-no_rows = 열 이름만 있고 데이터 행이 없습니다. 응시자 한 명당 한 행이 있는 파일을 고르세요.
error-missing_columns = 이 검사에 필요한 열이 파일에 없습니다: { $columns }. 첫 행의 열 이름을 양식과 똑같이 적으세요.
error-duplicate_columns = 이름이 같은 열이 둘 이상 있어 어느 것을 쓸지 알 수 없습니다: { $columns }. 나머지 열의 이름을 바꾸거나 지우세요.
error-too_many_columns = 파일의 열이 { NUMBER($columns) }개로, 읽을 수 있는 { NUMBER($limit) }개를 넘습니다. 응시자마다 한 행, 문항마다 한 열이 필요합니다.
error-line_too_long = 파일에 지나치게 긴 줄이 있습니다. 닫히지 않은 따옴표가 있거나 CSV 파일이 아닐 수 있습니다.
error-open_quote = { NUMBER($line) }번째 줄에서 열린 따옴표(")가 제자리에서 닫히지 않아 그 뒤의 행들을 읽을 수 없습니다. 따옴표를 닫거나 지우세요. 내용에 들어가는 따옴표는 두 번 적어야 합니다.
error-binary_content = 텍스트 파일이 아닙니다. CSV(UTF-8)로 저장하거나 Parquet 파일을 고르세요.
error-unknown_encoding = { NUMBER($line) }번째 줄의 글자가 UTF-8도 CP949도 아닙니다. 파일을 CSV(UTF-8)로 저장하세요.
error-unreadable_file = 파일을 읽을 수 없습니다. 잘렸거나 손상되었을 수 있습니다. 다시 저장해서 올리세요.
error-unreadable_column = { $column } 열에는 행마다 숫자나 글자 하나가 있어야 하는데, 다른 형식의 데이터({ $type })가 들어 있습니다. 셀마다 숫자나 글자를 하나씩 넣으세요.
error-too_many_groups = group 열의 값이 { NUMBER($limit) }가지를 넘어 집단 이름으로 볼 수 없습니다. 집단 이름을 넣거나 열을 빼세요.
error-unknown_test_kind = ‘{ $test_kind }’ 검사 종류가 없습니다. 사용할 수 있는 종류: { $known }
error-broken_definition = 검사 종류 정의를 사용할 수 없습니다: { LISTED($file, $field) }: { $reason }. 파일을 고치세요.
error-answer_file_missing = 답안 파일 ‘{ $fileName }’이 서버 디스크에 없습니다. 이전 점수는 그대로입니다.
advice-answer_file_missing = 서비스 담당자에게 백업에서 파일을 되돌려 달라고 요청한 뒤 재시도하거나, 파일을 다시 올리세요.
error-worker_lost = 이 작업을 처리하던 서버 프로세스가 갑자기 멈췄습니다. 이전 점수는 그대로입니다.
error-worker_lost-hung = ‘{ $step }’ 단계에서 { NUMBER($seconds) }초 동안 아무 반응이 없어 작업을 중단했습니다. 변경된 내용은 없습니다.
error-worker_lost-exited = ‘{ $step }’ 단계가 스스로 프로세스를 종료했습니다(종료 코드 { $exitCode }). 변경된 내용은 없습니다.
error-worker_lost-killed = ‘{ $step }’ 단계의 프로세스가 외부에서 종료되었습니다({ $signal }). 메모리가 부족했을 수 있습니다. 변경된 내용은 없습니다.
error-step_exited = ‘{ $step }’ 단계가 프로그램 종료를 요청했습니다. 변경된 내용은 없습니다.
error-step_interrupted = ‘{ $step }’ 단계가 중단되었습니다. 변경된 내용은 없습니다.
error-unusable_handover = ‘{ $step }’ 단계가 넘긴 결과를 사용할 수 없습니다: { $part }: { $problem }. 변경된 내용은 없습니다.
advice-step_exited = 파이프라인 담당자에게 이 단계를 고쳐 달라고 요청하세요.
advice-unusable_handover = 파이프라인 담당자에게 이 단계를 고쳐 달라고 요청하세요.
record-unreadable = 이 기록의 일부를 표시할 수 없습니다.
advice-record-unreadable = 서비스 담당자는 서비스 로그의 record_unreadable 항목에서 확인할 수 있습니다.
error-statistics_unreadable = 저장된 통계를 읽을 수 없습니다. 이 검사를 다시 채점하세요.
error-cell_too_long = { NUMBER($row) }행 { $column } 열의 값이 { NUMBER($limit_bytes) }바이트보다 깁니다.
error-too_many_rows = 답안 파일이 { NUMBER($rows) }행입니다. 최대 { NUMBER($limit) }행까지 읽습니다.
error-expands_too_much = { $column } 열의 압축을 풀면 { NUMBER($unpacked_bytes) }바이트이고, 파일 전체는 { NUMBER($file_bytes) }바이트입니다. 행 그룹을 더 작게 나누어 저장하거나 CSV로 저장하세요.
advice-worker_lost = 작업을 재시도하세요. 이전 점수가 있으면 그대로 남아 있습니다.
error-internal_error = 서비스 내부에서 문제가 생겼습니다. 변경된 내용은 없습니다.
error-host_not_allowed = 이 서버는 { $host } 주소로는 응답하지 않습니다. 주소가 맞다면 서버 담당자에게 ETL_MONITOR_ALLOWED_HOSTS에 추가해 달라고 요청하세요.
error-origin_not_allowed = { $origin }의 페이지에서는 이 서버를 사용할 수 없습니다. 포털을 별도의 탭에서 여세요. 프록시를 거친다면 Host 헤더를 그대로 전달해야 합니다.
error-forbidden = { $needed ->
    [admin] 관리자
   *[operator] 운영자
} 권한이 필요한 작업입니다. 현재 권한: { $role ->
    [viewer] 조회자
    [operator] 운영자
    [portal] 포털
    [none] 없음
   *[admin] 관리자
}. 서비스 담당자에게 문의하세요.
error-person_not_accepted = { $reason ->
    [expired] 포털과 서비스의 시계가 1분 넘게 차이 납니다. 시각을 맞춰야 합니다.
    [not_allowed] 포털의 토큰으로는 사용자를 대신할 수 없습니다. 포털에는 portal 역할의 토큰이 필요합니다.
    [not_known] 서비스가 사용자 이름을 받지 않아, 로그인한 사용자는 아무것도 변경할 수 없습니다. 포털 담당자에게 문의하세요.
   *[forged] 서비스가 사용자를 확인하지 못했습니다. 다시 로그인해 보고, 계속되면 포털 담당자에게 문의하세요.
}
error-too_many_feeds = 이 토큰으로 열린 피드가 { NUMBER($limit) }개를 넘었습니다. 일부를 닫거나 다른 토큰을 사용하세요.
error-unauthorised = 서비스가 토큰을 받아들이지 않습니다. ETL_MONITOR_API_TOKEN을 확인하세요.
error-invalid_request = 입력한 내용이 올바르지 않습니다. 확인하고 다시 시도하세요.
error-malformed_request = 서비스가 보낸 내용을 읽지 못했습니다. 페이지를 새로 고치고 다시 시도하세요.
error-method_not_allowed = 서비스가 이 요청을 지원하지 않습니다. 서비스와 포털의 버전이 다를 수 있습니다.
error-unknown_cursor = 그사이 목록이 바뀌었습니다. 첫 페이지부터 다시 보세요.
error-body_too_large = 보낸 내용이 너무 큽니다.
error-file_too_large = 파일이 이 서비스의 한도인 { NUMBER($limitMb) }MB를 넘습니다. 나누어 올리거나 Parquet로 저장하세요.
error-disk_full = 서비스의 디스크가 가득 차서 저장하지 못했습니다. 공간을 확보하고 다시 시도하세요.
error-not_found = 찾을 수 없습니다. 삭제되었을 수 있습니다.
error-test_not_found = 검사 결과를 찾을 수 없습니다. 삭제되었을 수 있습니다.
error-job_not_found = 작업을 찾을 수 없습니다. 삭제되었을 수 있습니다.
error-document_not_found = 문서를 찾을 수 없습니다. 그사이 검사를 다시 처리했을 수 있습니다.
error-no_scores = 이 검사에는 아직 점수가 없습니다.
error-no_statistics = 이 검사에는 아직 통계가 없습니다.
error-test_is_processing = 검사를 처리하는 중입니다. 먼저 작업을 취소하거나 끝날 때까지 기다리세요.
error-test_already_processing = 이 검사의 작업이 이미 진행 중입니다. 끝날 때까지 기다리거나 먼저 취소하세요.
error-already_processed = 이미 처리한 검사입니다.
error-job_not_cancellable = 이미 끝난 작업이라 취소할 수 없습니다.
error-job_not_waiting = 작업 { PARTICLE($job_id, "은/는") } 대기 중이 아니므로 맨 앞으로 옮길 수 없습니다.
error-job_not_failed = 작업 { PARTICLE($job_id, "은/는") } 실패한 작업이 아니므로 확인함으로 표시할 수 없습니다.
error-no_rejected_rows = 이 검사의 제외된 행 기록이 없습니다.
error-job_not_retryable = 실패했거나 취소된 작업만 재시도할 수 있습니다.
error-database_unavailable = 서비스가 지금 데이터베이스를 사용할 수 없습니다. 잠시 후 다시 시도하세요.
error-storage_unavailable = 서비스가 지금 파일 저장소를 사용할 수 없습니다. 변경된 내용은 없습니다. 잠시 후 다시 시도하세요.
error-storage_unavailable-unreachable = 서비스의 파일 저장소가 응답하지 않습니다. 변경된 내용은 없습니다. 잠시 후 다시 시도하세요.
error-storage_unavailable-bucket_missing = 서비스의 파일을 저장할 버킷이 없습니다. 변경된 내용은 없습니다. 서비스 담당자에게 알리세요.
error-storage_unavailable-denied = 서비스의 파일 저장소에서 접근을 거부했습니다. 변경된 내용은 없습니다. 서비스 담당자에게 알리세요.
advice-storage_unavailable = 서비스가 저장소를 다시 사용할 수 있게 되면 작업을 재시도하세요. 원인은 서비스 로그에서 서비스 담당자가 확인할 수 있습니다. 이전 점수는 그대로입니다.
error-too_many_connections = 지금은 서버가 더 이상 연결을 받을 수 없습니다. 몇 초 후 다시 시도하세요.
error-not_ready = 서비스가 아직 준비되지 않았습니다({ $checks }). 잠시 후 다시 시도하세요.
error-unreachable = 서비스에 연결할 수 없습니다. 서비스가 실행 중인지 확인하세요. 지금 보이는 내용은 최신이 아닐 수 있습니다.
error-timeout = 서비스가 제때 응답하지 않았습니다. 잠시 후 다시 시도하세요.
error-http = 서비스 주소에서 요청을 거부했습니다(HTTP { $http }). 다시 시도해 보고, 계속되면 서비스 담당자에게 알리세요.
error-redirect_refused = { $address }의 서비스가 다른 주소({ $target })로 요청을 보내라고 응답했습니다. 그 주소로는 요청을 보내지 않았습니다. 서비스가 이전했다면 ETL_MONITOR_API_URL에 새 주소를 설정하세요.
error-not_a_service = 이 주소에서 응답하는 서버는 ETL 서비스가 아닙니다. ETL_MONITOR_API_URL을 확인하세요.
error-web_page = 이 주소에서는 ETL 서비스가 아니라 웹 페이지가 응답합니다. ETL_MONITOR_API_URL을 확인하세요.
error-sign_in_page = 서비스 대신 로그인 페이지가 응답합니다. 서비스 앞의 프록시에서 포털이 로그인 없이 접속할 수 있도록 허용하세요.
error-other_version = 서비스의 응답이 예상한 형식이 아닙니다. 버전이 다를 수 있으니 포털과 서비스를 같은 버전으로 맞추세요.
error-too_many_records = 서비스가 보낸 목록에 항목이 너무 많아 읽을 수 없습니다. 조건을 좁히거나 서비스 담당자에게 알리세요.
error-reply_too_large = 서비스가 한 번에 읽을 수 있는 양보다 많은 데이터를 보냈습니다. 서비스 담당자에게 알리세요.
error-excel_workbook = 엑셀 파일입니다. 엑셀에서 ‘CSV UTF-8’ 형식으로 저장한 파일을 고르세요.
error-sign_in_required = 먼저 포털에 로그인하세요.
error-too_many_rows_for_xlsx = 엑셀 시트에는 최대 { NUMBER($limit) }행까지 담을 수 있는데 이 결과는 { NUMBER($rows) }행입니다. CSV나 Parquet로 내려받으세요.
