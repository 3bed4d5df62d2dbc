module github.com/grokputer/grokputer/services/trainer

go 1.26.0

require github.com/grokputer/grokputer/contracts v0.0.0

require github.com/google/go-cmp v0.7.0

replace github.com/grokputer/grokputer/contracts => ../../contracts
