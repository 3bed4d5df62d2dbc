// Package observertest holds the tests that every implementation of the
// observer's ports must pass.
package observertest
