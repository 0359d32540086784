"""The only code that opens sockets, sleeps, or reads clocks: one thin shell per colour."""
