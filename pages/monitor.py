"""`/monitor`: the full monitor; `?job=ID` opens a job. Below it, the history."""

from etl_monitor.ui.embed import progress_monitor
from etl_monitor.ui.history.section import history_section
from etl_monitor.ui.widgets.layout import monitor_heading
from etl_monitor.ui.widgets.plain import page_title

monitor_heading(page_title)
progress_monitor(badge=False, shortcuts=True)  # the frame has it
history_section()
