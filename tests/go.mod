module github.com/grokputer/grokputer/tests

go 1.26.0
