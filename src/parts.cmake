# Every pluggable part of Telltale: one line, one .cpp. `./dev new detector NAME` adds both.
part(sources simulator)
