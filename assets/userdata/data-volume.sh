#!/bin/bash
# Mounts the data volume at /data. NVMe device names change from boot to boot, so the volume is told by its serial
# (the EBS volume id): the one EBS disk that is not the root disk and holds no file system yet.
set -euo pipefail

root=$(lsblk -ndo PKNAME "$(findmnt -no SOURCE /)")
link=
for attempt in $(seq 60); do
  for disk in /sys/block/nvme*n1; do
    name=${disk##*/}
    [ "$name" != "$root" ] || continue
    grep -q 'Amazon Elastic Block Store' "$disk/device/model" || continue
    [ -z "$(lsblk -nro FSTYPE,MOUNTPOINT "/dev/$name" | tr -d '[:space:]')" ] || continue
    serial=$(tr -d '[:space:]' < "$disk/device/serial")
    link=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$serial
    [ ! -e "$link" ] || break 2
    link=
  done
  sleep 2
done
if [ -z "$link" ]; then
  echo "eks-wizard: no empty EBS data volume appeared within two minutes; /data is not mounted" >&2
  exit 1
fi

mkfs.xfs -L data "$link"
mkdir -p /data
echo "$link /data xfs defaults,nofail,x-systemd.device-timeout=60 0 2" >> /etc/fstab
mount /data
