// Package actor carries out tasks on a desktop.
//
// A task comes in on task.requested. The actor looks at the screen, lets the
// planner say one action, checks the action against the policy, does it, looks
// again, and so on until the planner says that the task is done or a limit is
// reached. What happens is published as task.* events.
//
// # One input, once
//
// No crash repeats an action. Before an action the journal says what is about
// to be done (phase intent, then acting), after it what came of it (done), and
// after its event is stored, that it is (published). The hands keep a ledger of
// the strokes that reached the desktop, which outlives the actor's process: a
// step found in phase acting is settled by asking the ledger, and only where
// that does not know, by looking at the screen again.
//
// # Ports
//
// Planner, Hands, Eyes, Apps and Vault are what the actor needs of the world;
// each has a subpackage for each technology that provides it, and a simulated
// one in package simulated.
package actor
