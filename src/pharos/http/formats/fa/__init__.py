"""Persian: figures as Persian writes them; Jalali days come from `pharos.http.calendars`."""
