// Package experiment compares two adapter versions, the champion and a challenger, on
// the sessions of one user, and decides between them by a test that stays valid
// although it is looked at after every session.
//
// # What is tested
//
// Each task is given to an arm by a hash (Assign), so that which version works on it is
// a coin flip with a known share p. Of a session's stars, or of its success, Y in
// [0, 1], the increment
//
//	d = (Y - b) (A/p - (1-A)/(1-p))    A = 1 for the challenger, else 0
//
// has the effect of the challenger as its expectation, whatever b is, as long as b and
// p were fixed before the session: inverse-propensity weighting with a baseline, which
// here is the mean of the sessions before. A gambler who bets on d against "the effect
// is at most m" gets richer without bound only if that is wrong: his wealth is a
// nonnegative supermartingale under it, and passes 1/alpha at any time with a
// probability of at most alpha (Ville 1939).
//
// Betting on means of bounded variables is Waudby-Smith and Ramdas, "Estimating means
// of bounded random variables by betting" (JRSS B, 2024); the mixture over stakes is their grid Kelly.
// On weighted increments: Waudby-Smith, Wu, Ramdas, Karampatziakis and Mineiro,
// "Anytime-valid off-policy inference for contextual bandits" (2022); for experiments whose
// randomness is the assignment alone: Ham, Bojinov, Lindon and Tingley, "Design-based
// confidence sequences" (2022).
//
// # What is assumed
//
// If the two versions would have done the same in every session, nothing is assumed but
// the coin flips: the ratings may drift, come in floods or from different moods, stay away
// more often after good sessions, and arrive late and in any order. Then at most Plan.Alpha
// of all experiments end in a promotion or a rollback.
//
// If the versions differ, stars compare the sessions that were rated: whether and when a session is
// rated may depend on how it went, and not on the version beyond that. An unrated session
// counts as an average one, which moves nothing; its success counts all the same. An
// interval is that of an effect that does not change over time; what is decided needs
// only that it does not change sides.
package experiment
