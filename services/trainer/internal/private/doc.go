// Package private finds secrets and personal data in what an example says, and puts
// placeholders in their place: the same one wherever the same value stands, in what
// the planner was told and in what it should say, so that the example still teaches to
// copy what it is asked for. Its detectors look at form and check digits only; a name,
// or a password that nothing marks as one, is not found.
package private
