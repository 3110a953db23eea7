/* What the feature test macros ask for: other systems' headers begin with this one, and some programs include it. */
#ifndef _FEATURES_H
#define _FEATURES_H

#include <bits/features.h>

#endif
