module github.com/grokputer/grokputer/services/feedback

go 1.26.0

require (
	github.com/grokputer/grokputer/contracts v0.0.0
	github.com/grokputer/grokputer/kit v0.0.0
)

replace (
	github.com/grokputer/grokputer/contracts => ../../contracts
	github.com/grokputer/grokputer/kit => ../../kit
)
