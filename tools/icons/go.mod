module github.com/grokputer/grokputer/tools/icons

go 1.26.0

require (
	github.com/grokputer/grokputer/services/observer v0.0.0
	golang.org/x/image v0.47.0
	golang.org/x/sync v0.24.0
)

require (
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace (
	github.com/grokputer/grokputer/contracts => ../../contracts
	github.com/grokputer/grokputer/kit => ../../kit
	github.com/grokputer/grokputer/services/observer => ../../services/observer
)
