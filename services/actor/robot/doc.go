// Package robot is the actor's hands through robotgo, for systems that package
// xtest does not know: Windows and macOS. It runs on X displays too, where it is
// tested; there xtest is better. For lack of machines it has not been tried on
// Windows and macOS.
//
// # What it cannot promise
//
// There is no ledger. Events and a record of them cannot be sent together, so
// Sent answers that it does not know, and after a crash the actor asks the user
// instead of doing a step again. Text that was begun before is not gone on with.
//
// Characters beyond the Basic Multilingual Plane, such as emoji, cannot be typed.
// On an X display the keyboard must be a US one: robotgo assumes it, and there is
// one key for all other characters, which come slowly therefore.
//
// Release lets go of the modifiers and buttons that these hands can press. Another
// key that they held, for some milliseconds, when the process was killed stays.
//
// Only on an X display can it be seen which window has the focus. Elsewhere text
// goes to whichever has it, and macOS drops all input without saying so until the
// user has allowed the program to control the computer.
//
// # One display for the process
//
// robotgo takes the X display from the environment ($DISPLAY, $XAUTHORITY), and
// Xlib ends the process when the server goes away under it. It is therefore
// connected only while an input is done, and after a look at the display over a
// connection of our own. All Hands of a process act on the same desktop: use one.
package robot
