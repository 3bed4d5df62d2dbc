// Command actor runs the actor alone, on the desktop that DISPLAY names, with a
// NATS and an S3 server and an observer that run elsewhere.
package main

import "github.com/grokputer/grokputer/kit/standalone"

func main() { standalone.Main(&program{}) }
