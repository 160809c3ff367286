"""Grafana's dashboards as code: `make pages` writes configs/grafana/dashboards from here, and a test compares.

A dashboard is a value (model.py); each page has a module of its own; rendering.py alone knows Grafana's JSON.
"""
