## 연결

connection-connecting = 연결 중
connection-live = 실시간
connection-reconnecting = 다시 연결하는 중
connection-disconnected = 연결 끊김
connect-again = 다시 연결
attempt-of = { $m }회 중 { $n }번째 시도
next-try = 다음 시도까지
just-now = 방금
last-event = 마지막 변경
connection-reason-unauthorised = 서비스가 토큰을 받아들이지 않습니다. ETL_MONITOR_API_TOKEN을 확인하세요.
connection-reason-forbidden = 작업을 볼 권한이 없습니다. 서비스 담당자에게 문의하세요.
connection-reason-refused = 서비스에 연결할 수 없습니다. 서비스가 실행 중인지 확인하세요.
connection-reason-wrong_content_type = 이 주소의 응답이 이벤트 피드가 아닙니다. ETL_MONITOR_API_URL을 확인하세요.
connection-reason-no_content = 서비스가 피드를 종료했습니다.
connection-reason-silence = 서비스에서 아무 신호도 오지 않습니다.
connection-reason-stopped = 사용자가 연결을 끊었습니다.
connection-reason-timeout = 서비스가 제때 응답하지 않았거나 중간의 프록시가 응답을 붙잡고 있습니다.
connection-reason-reset = 서비스와의 연결이 끊어졌습니다.
connection-reason-dns = 서비스 주소의 이름을 찾을 수 없습니다. ETL_MONITOR_API_URL을 확인하세요.
connection-reason-tls = 서비스의 인증서를 사용할 수 없습니다. 서비스 담당자에게 알리세요.
connection-reason-encoding = 서비스의 응답이 표시된 방식과 다르게 압축되어 있습니다. 중간의 프록시가 응답을 바꾸었을 수 있습니다.
connection-reason-network = 네트워크를 통해 서비스에 연결할 수 없습니다.
connection-reason-ended = 연결할 때마다 서비스가 피드를 종료합니다.
connection-reason-buffered = 중간의 프록시가 피드를 붙잡고 있습니다. 프록시의 응답 버퍼링을 끄세요.
connection-reason-too_large = 서비스가 보낸 이벤트가 너무 커서 읽을 수 없습니다.
connection-reason-redirect = 서비스 주소가 계속 다른 주소로 넘어갑니다. ETL_MONITOR_API_URL을 확인하세요.
connection-reason-feed_reset = 마지막으로 받은 이벤트가 서비스에 더는 남아 있지 않습니다.
connection-reason-other_log = 서비스의 데이터베이스가 바뀌었습니다. 작업을 새로 불러옵니다.
connection-reason-gap = 서비스의 피드에 빠진 이벤트가 있습니다.
connection-reason-malformed = 서비스의 피드를 읽을 수 없습니다.
connection-reason-not_a_service = 이 주소에서 응답하는 서버는 ETL 서비스가 아닙니다. ETL_MONITOR_API_URL을 확인하세요.
connection-reason-reply_too_large = 서비스가 한 번에 읽을 수 있는 양보다 많은 데이터를 보냅니다.
connection-reason-internal_error = 포털에서 문제가 생겨 서비스의 상태를 받지 못합니다. 자세한 내용은 포털 로그를 확인하세요.
connection-reason-web_page = 이 주소에서는 ETL 서비스가 아니라 웹 페이지가 응답합니다. ETL_MONITOR_API_URL을 확인하세요.
connection-reason-sign_in_page = 서비스 대신 로그인 페이지가 응답합니다. 서비스 앞의 프록시에서 포털이 로그인 없이 접속할 수 있도록 허용하세요.
connection-reason-other_version = 서비스의 응답이 예상한 형식이 아닙니다. 버전이 다를 수 있으니 포털과 서비스를 같은 버전으로 맞추세요.
connection-reason-too_many_records = 서비스가 보낸 목록에 항목이 너무 많아 읽을 수 없습니다.
connection-reason-compressed = 서비스의 피드가 100배 넘게 압축되어 있어 읽지 않았습니다. 피드의 압축을 끄세요.
connection-gateway = 서비스 앞의 프록시가 서비스에 연결하지 못하고 있습니다(HTTP { $http }).
connection-clock-ahead = 서비스의 시계가 포털보다 { $time } 빠릅니다. 소요 시간은 서비스의 시계를 기준으로 표시합니다.
connection-clock-behind = 서비스의 시계가 포털보다 { $time } 느립니다. 소요 시간은 서비스의 시계를 기준으로 표시합니다.
connection-reason-http = 서비스가 오류로 응답합니다(HTTP { $http }).

# 브라우저와 포털 사이의 연결. 나머지는 포털과 서비스 사이
name-lost = 연결이 끊겼습니다
name-lost-why = 포털이 응답하지 않습니다. 다시 연결되면 이 페이지는 자동으로 이어집니다.
