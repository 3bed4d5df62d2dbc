// Package registry is the service that knows every adapter version: it records what
// the trainer publishes, checks that it lies whole in S3, says which version a
// task is to be planned with, and promotes and takes back.
package registry
