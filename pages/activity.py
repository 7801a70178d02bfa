"""`/activity`: who did what, when, with which outcome; `?jobId=` and the filters in the address."""

from etl_monitor.ui.activity.page import activity_section

activity_section()
