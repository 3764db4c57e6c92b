"""Elastic Load Balancing: load balancers, listeners and target groups."""

from __future__ import annotations

from pipegen.lazy import public_names

TYPE_CHECKING = False  # type checkers know this name too; importing typing takes time
if TYPE_CHECKING:
    from pipegen.elb.alarms import (
        Alarms as Alarms,
        ErrorAlarm as ErrorAlarm,
        LatencyAlarm as LatencyAlarm,
        UnhealthyAlarm as UnhealthyAlarm,
    )
    from pipegen.elb.dns import AliasTarget as AliasTarget, DnsRecord as DnsRecord
    from pipegen.elb.listener import SharedListener as SharedListener, TestRule as TestRule
    from pipegen.elb.load_balancer import AccessLogs as AccessLogs, LoadBalancer as LoadBalancer
    from pipegen.elb.target_group import (
        Stickiness as Stickiness,
        TargetGroup as TargetGroup,
        TargetHealthCheck as TargetHealthCheck,
    )
else:
    __getattr__, __dir__, __all__ = public_names(
        __name__,
        {
            "pipegen.elb.alarms": "Alarms ErrorAlarm LatencyAlarm UnhealthyAlarm",
            "pipegen.elb.dns": "AliasTarget DnsRecord",
            "pipegen.elb.listener": "SharedListener TestRule",
            "pipegen.elb.load_balancer": "AccessLogs LoadBalancer",
            "pipegen.elb.target_group": "Stickiness TargetGroup TargetHealthCheck",
        },
    )
