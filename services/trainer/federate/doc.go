// Package federate averages adapters of several installations into one (federated averaging,
// McMahan et al. 2017), without more than the adapters leaving any of them. What is averaged is
// what they do, the product of their matrices: the average of B times the average of A is
// another thing. Each one's part can be bounded, and Gaussian noise added, so that little can be
// learned of any of them from the result (differential privacy); Epsilon says how little.
package federate
