# Every pluggable part of Telltale: one line, one .cpp. `./dev new detector NAME` adds both.
part(sources simulator)
part(sources mqtt)
part(sources http)
part(sources csv)

part(validators late)
part(validators future)
part(validators range)
part(validators stuck)
part(validators rate)
part(validators spike)

part(detectors threshold)
part(detectors baseline)
part(detectors zscore)
part(detectors ewma)
part(detectors sigma_band)
part(detectors silent)

part(sinks file)
part(sinks webhook)
part(sinks sql_table)
