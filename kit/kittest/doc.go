// Package kittest gives tests the real servers that the services need: NATS, an
// S3 store and an X screen, in the test's own process or started by it, on
// ports and in folders of their own, and ended with the test.
package kittest
