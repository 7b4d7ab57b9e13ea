/** Several nodes as one: the only package that knows Hazelcast. */
package io.modelcontrol.cluster;
