"""`/system`: the feed, the workers, versions and settings."""

from etl_monitor.ui.system.page import system_section

system_section()
