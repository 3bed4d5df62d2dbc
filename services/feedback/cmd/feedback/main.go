// Command feedback runs the feedback service alone, with a NATS and an S3 server
// that run elsewhere.
package main

import "github.com/grokputer/grokputer/kit/standalone"

func main() { standalone.Main(&program{}) }
