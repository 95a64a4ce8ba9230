"""When things run: assets, checks, schedules, sensors. Everything here calls; nothing here computes."""
