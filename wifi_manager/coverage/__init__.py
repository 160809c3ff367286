"""The map: predicted and measured signal of a whole city in cells, by numpy. It knows neither rows nor pages."""
