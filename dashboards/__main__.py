"""`python -m dashboards` writes the JSON files below configs/grafana/dashboards."""

from dashboards import every

every.write()
