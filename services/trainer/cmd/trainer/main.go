// Command trainer runs the trainer alone, with a NATS and an S3 server and a
// registry that run elsewhere.
package main

import "github.com/grokputer/grokputer/kit/standalone"

func main() { standalone.Main(&program{}) }
