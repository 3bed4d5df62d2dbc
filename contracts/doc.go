// Package contracts is everything that the services know of each other: the
// subjects they publish to, the streams and consumers that hold them, the
// key-value buckets, and the types of the events.
//
// No other package builds a subject, names a stream or declares an event. The
// JSON Schemas in schema/ are generated from the types here (make generate)
// and kept equal to them (make verify).
package contracts
