"""The only room that opens sockets, ports, files and clocks; one package a process."""
