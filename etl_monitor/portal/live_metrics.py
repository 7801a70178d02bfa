"""Counters of the live channels: see ui/live/hub.py."""

from prometheus_client import Counter, Gauge

SOCKETS = Gauge("etl_monitor_live_sockets", "Pages with a live socket.", registry=None)
CHANNELS = Gauge(
    "etl_monitor_live_channels", "Different live drawings that pages show.", registry=None
)
DRAWINGS = Counter(
    "etl_monitor_live_drawings_total", "Drawings that changed, each made once.", registry=None
)
DELIVERIES = Counter(
    "etl_monitor_live_deliveries_total", "Messages sent to pages over live sockets.", registry=None
)
BYTES = Counter(
    "etl_monitor_live_bytes_total", "Bytes sent to pages over live sockets.", registry=None
)

ALL = (SOCKETS, CHANNELS, DRAWINGS, DELIVERIES, BYTES)
