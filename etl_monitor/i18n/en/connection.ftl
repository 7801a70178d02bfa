## Connection

connection-connecting = Connecting
connection-live = Live
connection-reconnecting = Reconnecting
connection-disconnected = Disconnected
connect-again = Connect again
attempt-of = attempt { $n } of { $m }
next-try = next try in
just-now = just now
last-event = last event
connection-reason-unauthorised = The service rejected the portal’s token. Check ETL_MONITOR_API_TOKEN.
connection-reason-forbidden = The service does not allow this portal to follow its jobs. Ask the service’s administrator.
connection-reason-refused = Can’t reach the service. Check that it is running.
connection-reason-wrong_content_type = The reply from this address is not an event feed. Check ETL_MONITOR_API_URL.
connection-reason-no_content = The service ended its feed.
connection-reason-silence = The service has stopped sending data.
connection-reason-stopped = The connection was closed manually.
connection-reason-timeout = The service did not answer in time, or a proxy in between is holding back its reply.
connection-reason-reset = The connection to the service was cut.
connection-reason-dns = The host name in the service’s address cannot be resolved. Check ETL_MONITOR_API_URL.
connection-reason-tls = The service’s certificate cannot be used. Contact the service’s administrator.
connection-reason-encoding = The service’s reply is not compressed in the way it says. A proxy in between may have changed it.
connection-reason-network = Can’t reach the service over the network.
connection-reason-ended = The service closes its feed after every connection.
connection-reason-buffered = A proxy between the portal and the service is holding back the feed. Turn off response buffering there.
connection-reason-too_large = The service sent an event that is too large to read.
connection-reason-redirect = The service’s address keeps redirecting. Check ETL_MONITOR_API_URL.
connection-reason-feed_reset = The service no longer has the events that follow our last one.
connection-reason-other_log = The service’s database has changed. Its jobs are being loaded again.
connection-reason-gap = Events are missing from the service’s feed.
connection-reason-malformed = The service’s feed cannot be read.
connection-reason-not_a_service = The reply from this address does not come from an ETL service. Check ETL_MONITOR_API_URL.
connection-reason-reply_too_large = The service’s reply is too large to read.
connection-reason-internal_error = Something went wrong in this portal while it followed the service. See the portal’s log.
connection-reason-web_page = A web page answers at this address, not an ETL service. Check ETL_MONITOR_API_URL.
connection-reason-sign_in_page = A sign-in page answers instead of the service. The proxy in front of it must let the portal through without one.
connection-reason-other_version = The service’s reply has an unexpected form. It may be another version; update the portal and the service to the same one.
connection-reason-too_many_records = The service’s list has too many records to read.
connection-reason-compressed = The service’s feed is compressed more than a hundredfold, so it was not read. Turn off compression for it.
connection-gateway = A proxy in front of the service answers that it cannot reach the service (HTTP { $http }).
connection-clock-ahead = The service’s clock is { $time } ahead of the portal’s. Durations are by the service’s clock.
connection-clock-behind = The service’s clock is { $time } behind the portal’s. Durations are by the service’s clock.
connection-reason-http = The service replied with an error (HTTP { $http }).

# Between browser and portal; the other texts are about portal and service
name-lost = Can’t reach the portal
name-lost-why = This page reconnects by itself.
