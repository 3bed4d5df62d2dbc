// Package feedback is the service that lets a person rate what the agent did:
// it keeps the sessions in a projection made from events, takes ratings, freezes
// each rated session into a bundle, and tells of it. Events come first: what a
// rating says is stored in S3 and in the FEEDBACK stream before it is
// acknowledged, and the projection can be thrown away and made anew.
package feedback
