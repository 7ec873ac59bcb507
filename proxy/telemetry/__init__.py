"""What the proxy tells of itself: one line a request, events, Prometheus metrics."""

from proxy.telemetry.access_log import AccessLog
from proxy.telemetry.events import configure_logging
from proxy.telemetry.recorder import Telemetry
from proxy.telemetry.sheets import MULTIPROCESS_FOLDER, metrics_folder

__all__ = ["MULTIPROCESS_FOLDER", "AccessLog", "Telemetry", "configure_logging", "metrics_folder"]
