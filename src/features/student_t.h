// Student's t: how far healthy readings stray from a mean that was itself estimated.
#pragma once

namespace telltale::features {

/// P(|T| > t) with `freedom` degrees of freedom (> 0, need not be whole).
/// source   the regularised incomplete beta function I_x(freedom / 2, 1 / 2) at x = freedom / (freedom + t^2)
double student_t_tail(double t, double freedom);

/// The t >= 0 that |T| exceeds with probability p; 0 < p < 1.
double student_t_two_sided(double p, double freedom);

}  // namespace telltale::features
